"""Questions across dates and names: comparisons, developments, reports on a topic; each part answered and checked."""
