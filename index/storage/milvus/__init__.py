"""An archive in Milvus: a published state is three collections, and an alias names the one that is read."""

from .address import MilvusAddress, milvus_address

__all__ = ["MilvusAddress", "milvus_address"]
