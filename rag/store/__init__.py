"""An index at rest: snapshots in a folder or on a Milvus server, written whole and opened for reading.

Gives: `backends` opens, checks and copies an index wherever it is; `protocols.Snapshot` is what is opened;
    `writer.SnapshotWriter` and `ownership.building` write one; `confirmed` says what of it may be trusted.
Needs: `embedding` for which model, `dedup` for the name of the overrides, `text`.

The words of an index are kept by our own `bm25` and not by bm25s, which reads every word into a table when it opens and
holds every text when it builds; ours maps its files and gives the same scores. The sentences are kept in files beside
the database: a question reads the rows around its chunks by position, without a query for each post.
"""
