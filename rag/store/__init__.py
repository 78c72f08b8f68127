"""An index at rest: snapshots in a folder or on a Milvus server, written as a whole and opened for reading.

Provides: `backends` opens, checks and copies an index in any place; `protocols.Snapshot` is an open one;
`writer.SnapshotWriter` and `ownership.building` write one; `confirmed` says what in it can be trusted. Uses:
`embedding` for the identity of the model, `dedup` for the name of the file of decisions, `text`.

The word index is `bm25` instead of the library bm25s, which reads every word into a table when it opens an index and
keeps every text in memory when it builds one; `bm25` maps its files and returns the same scores. The notes on sentences
are in files beside the database, because a question reads the rows around its chunks by position, without a query for
each post.
"""
