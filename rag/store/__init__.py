"""An index at rest: snapshots in a folder or on a Milvus server, written as a whole and opened for reading.

Provides: `backends` opens, checks and copies an index in any place; `protocols.Snapshot` is an open one;
`writer.SnapshotWriter` and `ownership.building` write one; `confirmed` says what in it may be trusted. Needs:
`embedding` for which model, `dedup` for the name of the overrides, `text`.

The words of an index are kept by `bm25` instead of the library bm25s, which reads every word into a table when it opens
and holds every text when it builds; `bm25` maps its files and gives the same scores. The notes on sentences are kept in
files beside the database, because a question reads the rows around its chunks by position, without a query for each
post.
"""
