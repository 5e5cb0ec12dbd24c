"""Reads a scenario's examples: rows written in the scenario, or in a table of comma-separated values beside it."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from harness.errors import Place
from harness.scenario.problems import Findings, quoted
from harness.scenario.reading import Entries, text_of
from harness.scenario.templates import HOW_TO_WRITE_A_NAME, is_name
from harness.scenario.trees import Scalar, Sequence, Table
from harness.scenario.values import Row, Value

if TYPE_CHECKING:
    from _csv import Reader

_HOW_TO_WRITE_EXAMPLES = "write - {case: at eight hours, age: 8h} for each row, or the name of a .csv file"


def read_examples(entries: Entries, file: Path, findings: Findings) -> tuple[Row, ...]:
    """Read the rows under `examples`. `file` is the scenario's own: a table's name is relative to its folder."""
    entry = entries.by_key.get("examples")
    if entry is None:
        return ()
    match entry.tree:
        case Sequence(items) if items:
            rows = [_row(item, findings) for item in items if isinstance(item, Table)]
            for item in items:
                if not isinstance(item, Table):
                    findings.add(item.place, "a row of the examples is keys with values", _HOW_TO_WRITE_EXAMPLES)
        case Scalar(value, missing=False):
            rows = _table(value, file, findings)
        case _:
            findings.add(entry.key.place, "there are no examples here", _HOW_TO_WRITE_EXAMPLES)
            rows = []
    return _checked(rows, findings)


def _row(table: Table, findings: Findings) -> Row:
    values = dict[str, Value]()
    for key, entry in Entries(table, "a row", findings).by_key.items():
        if not is_name(key):
            findings.add(entry.key.place, f"{quoted(key)} cannot be a column's name", HOW_TO_WRITE_A_NAME)
        if (value := text_of(entry, findings)) is not None:
            values[key] = value
    return _named(values, table.place)


def _table(name: Value, file: Path, findings: Findings) -> list[Row]:
    path = file.parent / name.text
    shown = (PurePosixPath(name.place.path).parent / name.text).as_posix()
    if path.suffix != ".csv":
        findings.add(name.place, f"{quoted(name.text)} is not a table", _HOW_TO_WRITE_EXAMPLES)
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as trouble:
        reason = trouble.strerror if isinstance(trouble, OSError) else "it is not UTF-8 text"
        hint = f"{reason}; its name is relative to this file"
        findings.add(name.place, f"the table {quoted(shown)} cannot be read", hint)
        return []
    findings.sources[shown] = text
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        return _rows_of(reader, shown, findings)
    except csv.Error as trouble:
        findings.add(Place(shown, max(1, reader.line_num)), f"this is not comma-separated values: {trouble}")
        return []


def _rows_of(reader: "Reader", shown: str, findings: Findings) -> list[Row]:
    columns = next(reader, list[str]())
    for column in columns:
        if not is_name(column):
            findings.add(Place(shown), f"{quoted(column)} cannot be a column's name", HOW_TO_WRITE_A_NAME)
    if not columns or len(set(columns)) < len(columns):
        findings.add(Place(shown), "the first line must name the columns, each once", "such as case,age,sees")
        return []
    rows = list[Row]()
    for cells in reader:
        place = Place(shown, reader.line_num)
        if not cells:
            continue
        if len(cells) != len(columns):
            findings.add(
                place, f"this row has {len(cells)} values for {len(columns)} columns", "a comma in a text needs quotes"
            )
            continue
        rows.append(_named({column: Value(cell, place) for column, cell in zip(columns, cells, strict=True)}, place))
    if not rows and reader.line_num <= 1:
        findings.add(Place(shown), "this table has no rows", "write one under the columns' names")
    return rows


def _named(values: Mapping[str, Value], place: Place) -> Row:
    case = values.get("case")
    return Row("" if case is None else " ".join(case.text.split()), values, place)


def _checked(rows: list[Row], findings: Findings) -> tuple[Row, ...]:
    """Give every row a name of its own, and see to it that all have the same columns."""
    named = [row if row.case else replace(row, case=f"row {number}") for number, row in enumerate(rows, 1)]
    first = dict[str, Place]()
    for row in named:
        if row.case in first:
            place = row.values["case"].place if "case" in row.values else row.place
            hint = f"the first one is in line {first[row.case].line}; give each row its own"
            findings.add(place, f"two rows have the case {quoted(row.case)}", hint)
        first.setdefault(row.case, row.place)
        for column in named[0].values:
            if column not in row.values:
                hint = f"the first row has {', '.join(named[0].values)}"
                findings.add(row.place, f"this row has no {quoted(column)}", hint)
        for column, value in row.values.items():
            if column not in named[0].values:
                findings.add(value.place, f"the first row has no {quoted(column)}", "all rows have the same columns")
    return tuple(named)
