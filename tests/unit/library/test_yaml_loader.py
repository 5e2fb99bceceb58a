"""The restricted YAML dialect: what is read, what is refused, and in which words."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainsim.errors import DataError
from chainsim.library.text_files import MAX_BYTES
from chainsim.library.yaml_loader import load_yaml, parse_yaml


def problems_of(text: str | bytes) -> tuple[str, ...]:
    """English texts of the problems of `text`, in order."""
    with pytest.raises(DataError) as caught:
        parse_yaml(text, file="f.yaml")
    return tuple(problem.text() for problem in caught.value.problems)


def codes_of(text: str | bytes) -> list[str]:
    with pytest.raises(DataError) as caught:
        parse_yaml(text, file="f.yaml")
    return [problem.code for problem in caught.value.problems]


class TestScalars:
    """YAML 1.2 core, without octal and hexadecimal numbers."""

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ("no", "no"),
            ("yes", "yes"),
            ("on", "on"),
            ("true", True),
            ("FALSE", False),
            ("", None),
            ("~", None),
            ("null", None),
            ("12:30", "12:30"),
            ("2025-01-01", "2025-01-01"),
            ("1e3", 1000.0),
            ("1.", 1.0),
            (".5", 0.5),
            ("-2.5E-1", -0.25),
            ("+7", 7),
            ("0x1F", "0x1F"),
            ("0o17", "0o17"),
            ("1_000", "1_000"),
            ("1.2.3", "1.2.3"),
            ("'12'", "12"),
            ('"true"', "true"),
            ("110 万t/a", "110 万t/a"),
        ],
    )
    def test_value(self, written: str, value: object) -> None:
        read = parse_yaml(f"a: {written}\n").data["a"]
        assert read == value
        assert type(read) is type(value)

    @pytest.mark.parametrize("written", [".inf", "-.INF", ".nan", "1e999", "9" * 19, "9" * 1900])
    def test_numbers_that_do_not_fit(self, written: str) -> None:
        assert codes_of(f"a: {written}\n") == ["CS-Y021"]

    def test_arabic_digits_are_text(self) -> None:
        assert parse_yaml("a: \N{ARABIC-INDIC DIGIT THREE}\n").data == {
            "a": "\N{ARABIC-INDIC DIGIT THREE}"
        }


class TestPositions:
    """Lines and columns count from 1."""

    TEXT = "name: x\nunits:\n  - id: a\n    size: 3\n  - {id: b, size: 4}\n"

    @pytest.mark.parametrize(
        ("path", "place"),
        [
            (("name",), (1, 7)),
            (("units", 0, "size"), (4, 11)),
            (("units", 1, "id"), (5, 10)),
            (("units", "1", "id"), (5, 10)),
            (("units", 1, "absent", "deeper"), (5, 5)),
            (("units", 7), (3, 3)),
            (("units", "x"), (3, 3)),
            ((), (1, 1)),
        ],
    )
    def test_value(self, path: tuple[str | int, ...], place: tuple[int, int]) -> None:
        assert parse_yaml(self.TEXT).position(path) == place

    def test_key(self) -> None:
        document = parse_yaml(self.TEXT)
        assert document.position(("units", 1, "size"), key=True) == (5, 13)
        assert document.position(("units", 1), key=True) == (5, 5)

    @pytest.mark.parametrize("mend", [lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t])
    def test_windows_line_ends_and_byte_order_mark(self, mend) -> None:
        document = parse_yaml(mend(self.TEXT).encode())
        assert document.data == parse_yaml(self.TEXT).data
        assert document.position(("units", 1, "id")) == (5, 10)

    def test_at(self) -> None:
        document = parse_yaml(self.TEXT, file="f.yaml")
        assert document.at(("units", 1, "size")) == 4
        with pytest.raises(DataError) as caught:
            document.at(("units", 2, "size"))
        assert caught.value.text() == "f.yaml:3:3  units.2  a required key is missing"


class TestRefused:
    """One exact message for each construct outside the dialect."""

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "f.yaml:1:1  the file is empty"),
            ("# only a remark\n", "f.yaml:1:1  the file is empty"),
            (
                "- 1\n",
                'f.yaml:1:1  the top of the file must consist of "key: value"  found […]',
            ),
            (
                "a:\n\tb: 1\n",
                "f.yaml:2:1  a tab is used for indentation  found b: 1  hint use spaces",
            ),
            (
                "a: x\n\tb: 1\n",
                "f.yaml:2:1  a tab is used for indentation  found b: 1  hint use spaces",
            ),
            (
                "a: 1\nb: 2\na: 3\n",
                "f.yaml:3:1  a  the key is repeated; it already stands in line 1"
                "  hint remove one of the two",
            ),
            (
                "a: 1\nb: x\x00\n",
                "f.yaml:2:5  the file contains a control character  found U+0000"
                "  hint remove it; perhaps this is not a text file",
            ),
            (
                "a: [1, 2\nb: 1\n",
                "f.yaml:1:4  a quote or bracket is not closed, or a comma is missing"
                "  found a: [1, 2",
            ),
            (
                'a: "x\nb: 1\n',
                'f.yaml:1:4  a quote or bracket is not closed, or a comma is missing  found a: "x',
            ),
            (
                "a:\n    b: 1\n  c: 2\n",
                "f.yaml:3:3  the indentation does not fit the lines above  found c: 2"
                '  hint align the keys and "-" of one level',
            ),
            (
                "a: 1\nb\nc: 2\n",
                "f.yaml:2:1  a key lacks its colon  found b"
                '  hint write "key: value", with a space after the colon',
            ),
            (
                "a: 1\nb：2\nc: 3\n",
                "f.yaml:2:2  a full-width colon is used  found b：2"
                "  hint use an ASCII colon with a space after it",
            ),
            (
                "a: @x\n",
                "f.yaml:1:4  a value cannot begin with this character  found a: @x"
                "  hint put the value in quotes",
            ),
            (
                "a: 1\n---\nb: 2\n",
                "f.yaml:2:1  a file may hold one document only"
                '  hint remove the "---", or split the file',
            ),
            (
                "a: {2024: 1}\n",
                "f.yaml:1:5  a  a key must be text  found 2024  hint put the key in quotes",
            ),
            (
                "%YAML 1.2\n---\na: 1\n",
                "f.yaml:1:1  YAML directives (a line that begins with %) are not allowed",
            ),
        ],
    )
    def test_message(self, text: str, message: str) -> None:
        assert problems_of(text) == (message,)

    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ("a: !!python/object:os.system x\nb: !x {c: 1}\n", ["CS-Y012", "CS-Y012"]),
            ("a: &x 1\nb: *x\n", ["CS-Y013"]),
            ("a: {<<: {b: 1}}\n", ["CS-Y015"]),
            ("true: 1\n~: 2\n1.5: 3\n? [1]\n: 4\n? {b: 1}\n: 5\n", ["CS-Y016"] * 5),
            ("a: b: c\n", ["CS-Y003"]),
            ("a：1\n", ["CS-Y024"]),
            ('a: "\\0"\n', ["CS-Y008"]),
            ('"\\0": 1\n', ["CS-Y008"]),
            ("a: " + "x" * 2001 + "\n", ["CS-Y019"]),
            ("k" * 81 + ": 1\n", ["CS-Y020"]),
            ('a: "\\uD800"\n', ["CS-Y001"]),
            ("a: \ud800\n", ["CS-Y008"]),
        ],
    )
    def test_code(self, text: str, codes: list[str]) -> None:
        assert codes_of(text) == codes

    def test_all_repeated_keys_are_told_at_once(self) -> None:
        text = "a: {x: 1, x: 2}\nb: 1\nb: {c: 1, c: 2}\n"
        places = [problem.split("  ")[:2] for problem in problems_of(text)]
        assert places == [["f.yaml:1:11", "a.x"], ["f.yaml:3:1", "b"], ["f.yaml:3:11", "c"]]

    def test_quoted_forms_of_refused_words_are_text(self) -> None:
        assert parse_yaml("\"2024\": '&a'\n'<<': '!x'\n").data == {"2024": "&a", "<<": "!x"}

    def test_chinese_message(self) -> None:
        with pytest.raises(DataError) as caught:
            parse_yaml("a: 1\na: 2\n", file="f.yaml")
        assert caught.value.text("zh") == "f.yaml:2:1  a  键重复，第 1 行已有  建议 删去其中一个"


class TestLimits:
    """Hostile text ends early; the bound of two seconds is a hang guard, not a benchmark."""

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("[" * 10_000, "CS-Y017"),
            ("a: " + "[" * 10_000 + "]" * 10_000, "CS-Y017"),
            ("{a: " * 10_000, "CS-Y017"),
            ("- " * 10_000, "CS-Y017"),
            ("\n".join(" " * depth + "a:" for depth in range(400)), "CS-Y017"),
            ("a: [" + "1," * 500_000 + "]", "CS-Y018"),
            ("".join(f"k{i}: [1,2,3]\n" for i in range(26_000)), "CS-Y018"),
            ("a: " + "x" * 1_000_000, "CS-Y019"),
            ("a: |\n" + " x\n" * 300_000, "CS-Y019"),
            ("a: 1\n" * 100_000, "CS-Y023"),
            ("a: [" + "*a," * 300_000 + "]", "CS-Y013"),
            ("".join(f"%TAG !a{i}! b\n" for i in range(60_000)), "CS-Y022"),
            ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n", "CS-Y013"),
            ("a: " + "!" * 1_000_000, "CS-Y012"),
            ("#\n" * 500_000, "CS-Y009"),
        ],
        ids=lambda value: value[:8].strip() if len(value) > 8 else value,
    )
    @pytest.mark.timeout(30)
    def test_ends(self, text: str, code: str) -> None:
        assert code in codes_of(text)

    def test_depth_of_twenty_is_allowed(self) -> None:
        assert parse_yaml("a: " + "[" * 19 + "]" * 19)
        assert codes_of("a: " + "[" * 20 + "]" * 20) == ["CS-Y017"]

    def test_problems_are_capped(self) -> None:
        assert len(codes_of("a: 1\n" * 1000)) == 101

    def test_size(self) -> None:
        full = "#" * (MAX_BYTES - 6) + "\na: 1\n"
        assert parse_yaml(full.encode()).data == {"a": 1}
        assert codes_of(full + "\n") == ["CS-F004"]


class TestFiles:
    """What cannot be read at all."""

    def read_error(self, path: Path | str) -> str:
        with pytest.raises(DataError) as caught:
            load_yaml(path, file="f.yaml")
        assert len(caught.value.problems) == 1
        return caught.value.text()

    def test_good_file(self, tmp_path: Path) -> None:
        path = tmp_path / "park.yaml"
        path.write_text("name: 原平\n", encoding="utf-8")
        document = load_yaml(path)
        assert document.data == {"name": "原平"}
        assert document.file == str(path)

    def test_missing_file_names_the_similar_one(self, tmp_path: Path) -> None:
        (tmp_path / "xinzhou-base.yaml").touch()
        text = self.read_error(tmp_path / "xinzhou-bsae.yaml")
        assert text == f"f.yaml  file not found  hint {tmp_path / 'xinzhou-base.yaml'}"

    def test_missing_folder(self, tmp_path: Path) -> None:
        assert self.read_error(tmp_path / "no" / "a.yaml") == "f.yaml  file not found"

    def test_file_used_as_folder(self, tmp_path: Path) -> None:
        (tmp_path / "a").touch()
        assert self.read_error(tmp_path / "a" / "b.yaml") == "f.yaml  file not found"

    def test_nul_in_the_name(self) -> None:
        assert self.read_error("a\x00b") == "f.yaml  file not found"

    def test_folder(self, tmp_path: Path) -> None:
        assert self.read_error(tmp_path) == "f.yaml  this is a folder, not a file"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_pipe_does_not_block(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        text = self.read_error(tmp_path / "pipe")
        assert text == "f.yaml  the file cannot be read  found not a regular file"

    def test_unreadable(self, tmp_path: Path) -> None:
        assert self.read_error(tmp_path / ("x" * 300)).startswith("f.yaml  the file cannot be read")

    def test_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_bytes(b"#" * (MAX_BYTES + 1))
        assert self.read_error(path) == (
            "f.yaml  the file is too large  found 1048577 B  expected ≤ 1048576 B"
            "  hint split it, or remove what is not used"
        )

    @pytest.mark.parametrize(
        ("content", "line", "likely"),
        [
            ("id: a\nname: 忻州焦化\n".encode("gbk"), ":2:1", "GBK / GB18030"),
            ("name: 忻州\n".encode("utf-16"), "", "UTF-16"),
            (b"name: \xff\xff\n", ":1:1", "0xFF"),
        ],
    )
    def test_other_encoding(self, tmp_path: Path, content: bytes, line: str, likely: str) -> None:
        path = tmp_path / "a.yaml"
        path.write_bytes(content)
        assert self.read_error(path) == (
            f"f.yaml{line}  the file is not encoded in UTF-8  found {likely}  expected UTF-8"
            "  hint save it again in your editor with the encoding UTF-8"
        )


WORDS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(-1e9, 1e9) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


class TestProperties:
    """What holds for any input."""

    @given(st.dictionaries(WORDS, PLAIN, min_size=1))
    def test_json_is_read_as_json(self, data: dict[str, object]) -> None:
        document = parse_yaml(json.dumps(data, ensure_ascii=False))
        assert document.data == data
        for key, value in data.items():
            assert document.at((key,)) == value

    @given(st.text("ab:-[]{},\"'#&*!|>%@\n\t ?1.~", max_size=60) | st.binary(max_size=60))
    def test_any_text_gives_data_or_problems(self, text: str | bytes) -> None:
        try:
            problems = ()
            data = parse_yaml(text).data
        except DataError as exc:
            data, problems = {}, exc.problems
        assert isinstance(data, dict)
        assert all(problem.code[:4] in ("CS-Y", "CS-F") for problem in problems)
