"""A file is read whole, cell by cell as it stands, or refused with one sentence."""

import gzip
import pathlib
import threading

import pytest

from agents.intake.errors import UnableToImport
from agents.intake.files import CELL_COUNT, ROW_NUMBER, pick_rows, read_file


def write(folder: pathlib.Path, content: bytes, name: str = "export.csv") -> pathlib.Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_cells_stay_as_they_stand(tmp_path: pathlib.Path) -> None:
    table = read_file(path=write(tmp_path, b'a,b\r\n"Opened by  8"," x, ""y""\nz"\r\n\r\n?,\r\n'))
    assert table.columns == ("a", "b")
    assert table.frame.select("a", "b").rows() == [("Opened by  8", ' x, "y"\nz'), ("?", "")]
    assert table.frame[ROW_NUMBER].to_list() == [1, 3]


def test_a_compressed_file_with_a_byte_order_mark_is_the_same(tmp_path: pathlib.Path) -> None:
    plain = read_file(path=write(tmp_path, b"a,b\n1,2\n"))
    packed = read_file(path=write(tmp_path, gzip.compress(b"\xef\xbb\xbfa,b\n1,2\n"), "export.CSV.gz"))
    assert packed.frame.equals(plain.frame)
    assert packed.columns == plain.columns


def test_rows_of_another_width_are_kept_with_their_count(tmp_path: pathlib.Path) -> None:
    table = read_file(path=write(tmp_path, b"a,b\n1\n1,2,3,4\n5,6\n"))
    assert table.frame[CELL_COUNT].to_list() == [1, 4, 2]
    assert pick_rows(table=table, row_numbers=table.frame[ROW_NUMBER])["row"].to_list() == [
        '{"a": "1", "b": ""}',
        '{"": ["3", "4"], "a": "1", "b": "2"}',
        '{"a": "5", "b": "6"}',
    ]


def test_a_row_has_one_hash_whatever_the_order_of_columns(tmp_path: pathlib.Path) -> None:
    one, other = read_file(path=write(tmp_path, b"a,b\n1,2\n")), read_file(path=write(tmp_path, b"b,a\n2,1\n"))
    hashes = [pick_rows(table=table, row_numbers=table.frame[ROW_NUMBER])["row_hash"][0] for table in (one, other)]
    assert hashes[0] == hashes[1]


def test_a_head_that_repeats_a_name_gives_columns_of_their_own(tmp_path: pathlib.Path) -> None:
    assert read_file(path=write(tmp_path, b"a,b,a\n1,2,3\n")).columns == ("a (column 1)", "b", "a (column 3)")


def test_progress_ends_at_the_end(tmp_path: pathlib.Path) -> None:
    told: list[tuple[int, int]] = []
    read_file(path=write(tmp_path, b"a,b\n1,2\n"), advance=lambda done, total: told.append((done, total)))
    assert told[-1] == (8, 8)


# Without a time in it: every process that collects the tests names them alike.
WHOLE = gzip.compress(b"a,b\n" + b"1,2\n" * 5_000, mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("export.csv.gz", WHOLE[:-20], "damaged or was cut off"),
        ("export.csv.gz", WHOLE[:60] + bytes([WHOLE[60] ^ 0xFF]) + WHOLE[61:], "damaged or was cut off"),
        ("export.csv.gz", b"a,b\n1,2\n", "damaged or was cut off"),
        ("export.csv", b"", "is empty"),
        ("export.csv", b" \n\n", "is empty"),
        ("export.csv", b"a,b\n", "a head but no rows"),
        ("export.csv", b"PK\x03\x04abc", "is a workbook or an archive"),
        ("export.csv", b"\xef\xbb\xbf\n<!DOCTYPE html><html>Sign in</html>", "is a web page or XML"),
        ("export.csv", b"%PDF-1.7", "is a PDF"),
        ("export.csv", b"a,b\n1,caf\xe9\n", "is not UTF-8 text: line 2"),
        ("export.csv", "a,b\n1,2\n".encode("utf-16"), "is not UTF-8 text"),
        ("export.csv", b"a,b\n1,\x00\n", "line 2 holds a zero byte"),
        ("export.csv", b'a,b\n1,"2\n', "is not a whole CSV file"),
        ("export.csv", b'a,b\n1,"2"x\n', "is not a whole CSV file"),
        ("export.csv", b"a,b\n1,2\n3", "ends in the middle of row 2"),
        ("export.pdf", b"%PDF", "is not a kind of file that can be imported"),
    ],
)
def test_what_is_no_whole_file_is_refused_in_one_sentence(tmp_path: pathlib.Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(UnableToImport, match=words) as refused:
        read_file(path=write(tmp_path, content, name))
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UnableToImport, match=r"gone\.csv does not exist"):
        read_file(path=tmp_path / "gone.csv")


def test_a_folder_is_no_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UnableToImport, match=r"folder\.csv cannot be read: is a directory"):
        read_file(path=tmp_path / "folder.csv")


def test_heads_that_say_what_another_is_called_stay_apart(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("a,a,a (column 1),a (column 2)\n1,2,3,4\n")
    table = read_file(path=path)
    assert table.columns == ("a (column 1) (column 1)", "a (column 2) (column 2)", "a (column 1)", "a (column 2)")
    assert table.frame.select(table.columns).rows() == [("1", "2", "3", "4")]


def test_two_files_read_at_once_leave_each_other_its_long_cells(tmp_path: pathlib.Path) -> None:
    short = write(tmp_path, b"a\n1\n", "short.csv")
    long = write(tmp_path, b"a\n" + b"1\n" * 20_001 + b"x" * 200_000 + b"\n", "long.csv")
    other_began, first_ended = threading.Event(), threading.Event()
    found: list[int] = []

    def go_on_late(done: int, total: int) -> None:
        other_began.set()
        first_ended.wait(20)

    other = threading.Thread(target=lambda: found.append(read_file(path=long, advance=go_on_late).frame.height))

    def begin_the_other(done: int, total: int) -> None:
        if other.ident is None:
            other.start()
            other_began.wait(20)

    read_file(path=short, advance=begin_the_other)
    first_ended.set()
    other.join(60)

    assert found == [20_002]
