"""An archive in Milvus: each published state has three collections, and an alias names the current one."""

from .address import MilvusAddress, milvus_address

__all__ = ["MilvusAddress", "milvus_address"]
