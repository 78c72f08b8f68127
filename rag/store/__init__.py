"""An index at rest: snapshots in a folder or on a Milvus server, written whole and opened for reading.

Gives: `backends.open_snapshot`, `backends.home_of`, `protocols.Snapshot`, `writer.SnapshotWriter`.
Needs: `embedding` for which model, `dedup` for the name of the overrides, `text`.
"""
