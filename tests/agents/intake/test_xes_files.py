"""An event log becomes a row an event; nothing in it can reach out of it."""

import gzip
import pathlib

import pytest

from agents.intake.errors import UnableToImport
from agents.intake.files import CELL_COUNT, ROW_NUMBER, FileTable, read_file

LOG = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="none"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="origin" value="a desk"/>
  <trace>
    <string key="concept:name" value="C-1"/>
    <event>
      <string key="concept:name" value="Resolved"/>
      <date key="time:timestamp" value="2016-03-02T08:00:00.000+05:30"/>
      <string key="org:resource" value="Ada  B"><int key="level" value="2"/></string>
    </event>
    <event><string key="concept:name" value="Closed &amp; done"/></event>
    <int key="amount" value="7"/>
  </trace>
  <trace><string key="concept:name" value="C-2"/>
    <event><string key="concept:name" value="New"/><string key="concept:name" value="Old"/></event>
  </trace>
</log>
"""


def read(folder: pathlib.Path, content: str | bytes, name: str = "log.xes") -> FileTable:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path=path)


def test_events_carry_what_their_trace_says(tmp_path: pathlib.Path) -> None:
    table = read(tmp_path, LOG)
    assert table.columns == (
        "case:concept:name",
        "case:amount",
        "concept:name",
        "time:timestamp",
        "org:resource",
        "org:resource.level",
    )
    assert table.frame.select(table.columns).rows()[:2] == [
        ("C-1", "7", "Resolved", "2016-03-02T08:00:00.000+05:30", "Ada  B", "2"),
        ("C-1", "7", "Closed & done", "", "", ""),
    ]
    assert table.frame[ROW_NUMBER].to_list() == [1, 2, 3]


def test_an_event_that_says_one_thing_twice_has_no_cells(tmp_path: pathlib.Path) -> None:
    table = read(tmp_path, LOG)
    assert table.frame[CELL_COUNT].to_list() == [6, 6, -1]
    assert table.surplus == {3: ("concept:name: Old",)}


def test_a_compressed_log_is_the_same(tmp_path: pathlib.Path) -> None:
    assert read(tmp_path, gzip.compress(LOG.encode()), "log.xes.gz").frame.equals(read(tmp_path, LOG).frame)


BOMB = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><log><trace><string key="x" value="&b;"/></trace></log>'
OUTSIDE = '<!DOCTYPE log SYSTEM "/etc/passwd"><log/>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "declares a document type"),
        (OUTSIDE, "declares a document type"),
        (LOG[:-20], "is not whole XML"),
        (LOG.replace("</event>", "", 1), "is not whole XML"),
        ("<html><body/></html>", "begins with <html>"),
        ("<log/>", "holds no record that can be read"),
        ("<log>" + "<string key='a' value='b'>" * 200, "nests more than 100 elements"),
        ('<?xml version="1.0" encoding="nonsense"?><log/>', "is not whole XML"),
        ("plain text", "is not whole XML"),
    ],
)
def test_what_is_no_whole_log_is_refused_in_one_sentence(tmp_path: pathlib.Path, content: str, words: str) -> None:
    with pytest.raises(UnableToImport, match=words) as refused:
        read(tmp_path, content)
    assert "\n" not in str(refused.value)


STRAYS = """<log>
  <event><string key="concept:name" value="Lost"/></event>
  <trace><string key="concept:name" value="C-1"/><string key="concept:name" value="C-2"/><event><string key="a" value="1"/></event></trace>
  <trace><string key="concept:name" value="C-3"/><event><string key="a" value="2"/></event></trace>
  <event><string key="concept:name" value="Lost too"/></event>
</log>"""


def test_an_event_outside_a_trace_or_of_a_trace_with_two_names_is_held_and_not_dropped(tmp_path: pathlib.Path) -> None:
    table = read(tmp_path, STRAYS)
    assert table.frame["a"].to_list() == ["", "", "2", ""]
    assert table.surplus == {
        1: ('stands outside a trace, so no case claims it: {"concept:name": "Lost"}',),
        2: ("case:concept:name: C-2",),
        4: ('stands outside a trace, so no case claims it: {"concept:name": "Lost too"}',),
    }


@pytest.mark.parametrize("inner", ["<trace></trace>", "<event><event></event></event>"])
def test_a_trace_or_event_within_another_is_refused(tmp_path: pathlib.Path, inner: str) -> None:
    with pytest.raises(UnableToImport, match="within another"):
        read(tmp_path, f"<log><trace><string key='a' value='b'/><event/>{inner}</trace></log>")
