"""A Milvus server as a backend: the only room that imports pymilvus."""
