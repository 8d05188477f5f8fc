"""The blob store: bytes in, the same bytes out, whatever way they came in and however large they are."""

from __future__ import annotations

import gc
import io
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from acr_emulator.blob import BlobStore
from acr_emulator.blob.content import ContentSpace, StorageFullError
from acr_emulator.blob.errors import (
    AppendPositionConditionNotMetError,
    BlobNotFoundError,
    BlockCountExceedsLimitError,
    InvalidBlobOrBlockError,
    InvalidBlobTypeError,
    InvalidBlockListError,
)
from acr_emulator.blob.model import Block, BlockLookup, BlockSource
from hypothesis import given, settings
from hypothesis import strategies as st

NAME = "container/source/context.tar.gz"
START = datetime(2025, 1, 1, tzinfo=timezone.utc)


class Ticks:
    """A clock that moves one second each time it is looked at."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def store() -> Iterator[BlobStore]:
    store = BlobStore(Ticks())
    yield store
    store.close()


def stage_in(store: BlobStore, block_id: str, data: bytes) -> None:
    writer = store.writer()
    writer.write(data)
    store.stage_block(NAME, Block(block_id, writer.finish()))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(0, 20), st.data())
def test_blocks_come_back_in_the_listed_order_in_any_range(
    blocks: list[bytes], limit: int, data: st.DataObject
) -> None:
    store = BlobStore(space=ContentSpace(memory_limit=limit))
    try:
        for number, block in enumerate(blocks):
            stage_in(store, f"{number:03}", block)
        order = data.draw(st.permutations(range(len(blocks))))
        store.commit_blocks(NAME, [BlockLookup(f"{number:03}") for number in order])
        expected = b"".join(blocks[number] for number in order)
        assert store.open(NAME).read() == expected
        assert store.properties(NAME).size == len(expected)
        start = data.draw(st.integers(0, len(expected)))
        end = data.draw(st.integers(start, len(expected)))
        assert b"".join(store.snapshot(NAME).read(start, end)) == expected[start:end]
    finally:
        store.close()


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=12), st.integers(1, 400))
def test_an_append_blob_is_all_its_appends_together(pieces: list[bytes], tail_limit: int) -> None:
    store = BlobStore(tail_limit=tail_limit)
    try:
        store.create_append_blob(NAME)
        for piece in pieces:
            store.append(NAME, piece)
        assert store.open(NAME).read() == b"".join(pieces)
        assert store.properties(NAME).committed_blocks == len(pieces)
    finally:
        store.close()


@settings(deadline=None)
@given(st.binary(max_size=100), st.lists(st.tuples(st.integers(-5, 110), st.integers(-1, 110)), max_size=5))
def test_an_opened_blob_reads_like_a_file(data: bytes, moves: list[tuple[int, int]]) -> None:
    store = BlobStore()
    store.put_block_blob(NAME, data)
    file, model = store.open(NAME), io.BytesIO(data)
    for position, size in moves:
        assert file.seek(max(position, 0)) == model.seek(max(position, 0))
        assert file.read(size) == model.read(size)
        assert file.tell() == model.tell()
    store.close()


def files_of(space: ContentSpace) -> list[Path]:
    return list(space.new_path().parent.iterdir())


def test_large_content_lives_in_files_that_go_away_with_the_blob() -> None:
    space = ContentSpace(memory_limit=1000)
    store = BlobStore(space=space)
    store.put_block_blob(NAME, b"x" * 1000)
    assert files_of(space) == []
    store.put_block_blob(NAME, b"x" * 1001)
    assert [path.stat().st_size for path in files_of(space)] == [1001]
    reader = store.open(NAME)
    store.delete(NAME)
    assert len(reader.read()) == 1001, "an open reader still sees the deleted blob"
    del reader
    gc.collect()
    assert files_of(space) == []
    store.close()


def test_a_discarded_upload_leaves_no_file() -> None:
    space = ContentSpace(memory_limit=4)
    writer = space.writer()
    writer.write(b"too large for memory")
    assert len(files_of(space)) == 1
    writer.discard()
    assert files_of(space) == []
    space.close()


@pytest.mark.parametrize(("source", "expected"), [("Committed", b"old"), ("Uncommitted", b"new"), ("Latest", b"new")])
def test_a_block_list_says_where_to_look(store: BlobStore, source: BlockSource, expected: bytes) -> None:
    stage_in(store, "AAAA", b"old")
    store.commit_blocks(NAME, [BlockLookup("AAAA")])
    stage_in(store, "AAAA", b"new")
    store.commit_blocks(NAME, [BlockLookup("AAAA", source)])
    assert store.open(NAME).read() == expected


@pytest.mark.parametrize(("block_id", "source"), [("BBBB", "Latest"), ("AAAA", "Committed")])
def test_an_unknown_block_changes_nothing(store: BlobStore, block_id: str, source: BlockSource) -> None:
    stage_in(store, "AAAA", b"data")
    with pytest.raises(InvalidBlockListError):
        store.commit_blocks(NAME, [BlockLookup(block_id, source)])
    assert not store.exists(NAME)
    store.commit_blocks(NAME, [BlockLookup("AAAA")])
    assert store.open(NAME).read() == b"data"


def test_a_commit_drops_the_blocks_it_does_not_list(store: BlobStore) -> None:
    stage_in(store, "AAAA", b"a")
    stage_in(store, "BBBB", b"b")
    store.commit_blocks(NAME, [BlockLookup("AAAA")])
    with pytest.raises(InvalidBlockListError):
        store.commit_blocks(NAME, [BlockLookup("BBBB")])
    committed, staged = store.block_lists(NAME)
    assert ([block.name for block in committed], staged) == (["AAAA"], ())


def test_block_names_of_one_blob_have_one_length(store: BlobStore) -> None:
    stage_in(store, "AAAA", b"a")
    with pytest.raises(InvalidBlobOrBlockError):
        stage_in(store, "AAAAAAAA", b"b")


def test_types_do_not_mix(store: BlobStore) -> None:
    store.put_block_blob(NAME, b"x")
    with pytest.raises(InvalidBlobTypeError):
        store.append(NAME, b"y")
    store.create_append_blob(NAME)
    with pytest.raises(InvalidBlobTypeError):
        stage_in(store, "AAAA", b"a")


def test_appends_can_be_conditional(store: BlobStore) -> None:
    store.create_append_blob(NAME)
    store.append(NAME, b"abc", position=0)
    with pytest.raises(AppendPositionConditionNotMetError):
        store.append(NAME, b"abc", position=0)
    with pytest.raises(AppendPositionConditionNotMetError):
        store.append(NAME, b"d", max_size=3)
    assert store.open(NAME).read() == b"abc"


def test_every_write_gives_a_new_etag_and_time(store: BlobStore) -> None:
    seen = [
        store.create_append_blob(NAME),
        store.append(NAME, b"line\n"),
        store.set_metadata(NAME, {"Complete": "success"}),
    ]
    assert len({properties.etag for properties in seen}) == 3
    assert sorted(properties.last_modified for properties in seen) == [p.last_modified for p in seen]
    assert store.properties(NAME).metadata == {"Complete": "success"}
    assert store.open(NAME).read() == b"line\n", "metadata leaves the content alone"


def test_what_is_not_there_is_not_found(store: BlobStore) -> None:
    for call in (store.snapshot, store.open, store.properties, store.delete, store.block_lists):
        with pytest.raises(BlobNotFoundError):
            call(NAME)
    assert not store.exists(NAME)


def test_a_reader_is_not_disturbed_by_later_writes(store: BlobStore) -> None:
    store.create_append_blob(NAME)
    store.append(NAME, b"one")
    reader = store.open(NAME)
    store.append(NAME, b"two")
    assert reader.read() == b"one"


def test_threads_lose_no_append(store: BlobStore) -> None:
    store.create_append_blob(NAME)

    def append() -> None:
        for _ in range(200):
            store.append(NAME, b"0123456789")

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.properties(NAME).size == 4 * 200 * 10
    assert store.open(NAME).read() == b"0123456789" * 800


def test_many_small_blocks_do_not_stay_in_memory() -> None:
    space = ContentSpace(memory_limit=10, most_memory=25)
    store = BlobStore(space=space)
    for number in range(6):
        stage_in(store, f"{number}", b"x" * 10)
    assert len(files_of(space)) == 4, "two of them are within the 25 bytes"
    store.commit_blocks(NAME, [BlockLookup(f"{number}") for number in range(6)])
    assert store.open(NAME).read() == b"x" * 60
    store.close()


def test_room_is_given_back_with_what_took_it() -> None:
    store = BlobStore(space=ContentSpace(most_bytes=30))
    for _ in range(10):
        store.put_block_blob(NAME, b"x" * 14)
    with pytest.raises(StorageFullError, match="The emulator keeps 30 bytes of blobs at most"):
        store.put_block_blob(NAME, b"x" * 17)
    store.delete(NAME)
    assert store.put_block_blob(NAME, b"x" * 30).size == 30
    store.close()


def test_a_blob_has_at_most_100000_uncommitted_blocks() -> None:
    store = BlobStore()
    chunk = store.writer().finish()
    for number in range(100_000):
        store.stage_block(NAME, Block(f"{number:06}", chunk))
    with pytest.raises(BlockCountExceedsLimitError):
        store.stage_block(NAME, Block("100000", chunk))
    store.stage_block(NAME, Block("099999", chunk))
    store.commit_blocks(NAME, [BlockLookup(f"{number:06}") for number in range(50_000)])
    store.close()


def test_what_is_appended_in_large_pieces_stays_in_files() -> None:
    space = ContentSpace(memory_limit=5)
    store = BlobStore(space=space)
    store.create_append_blob(NAME)
    store.append(NAME, b"begin ")
    store.append(NAME, space.store(b"in a file "))
    store.append(NAME, b"end")
    assert store.open(NAME).read() == b"begin in a file end"
    store.close()
