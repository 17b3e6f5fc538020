"""What the archive holds, said where it holds nothing that was asked for."""

from __future__ import annotations

from index.storage.store import Filter, Store

_MOST_PAPERS = 5


def holdings(store: Store, where: Filter) -> str:
    """The archive's newspapers and dates and, if it has nothing of a filter's dates, the issues nearest to them."""
    first, last = store.dates()
    papers = "".join(f"《{paper.value}》" for paper in store.catalogue.values("paper")[:_MOST_PAPERS])
    held = f"馆藏有{papers}{first} 至 {last} 的报纸" if first else "馆藏的报纸没有日期"
    asked = Filter(where.since, where.until)
    missing = asked and not store.articles(1, where=asked)
    near = [date for date in store.nearest(asked) if date] if missing else []
    return held + (f"；离所问日期最近的一期是 {'、'.join(near)}" if near else "")
