"""The calculator's pages: every example runs and gives what the page says, and every field is named."""

import itertools
import json
import pathlib
import re
import types
import typing

import pydantic
import pytest

from billing.calculator import run
from tests.billing.calculator import cases

PAGES = pathlib.Path(__file__).parents[3] / "docs" / "calculator"
INDEX = PAGES.with_suffix(".md").read_text(encoding="utf-8")
FOUND = sorted(page.stem for page in PAGES.glob("*.md") if page.stem in run.KINDS)
BLOCK = re.compile(r"```json\n(.*?)```", re.DOTALL)


def load_examples(kind):
    """Return each document of a page with the answer that follows it."""
    blocks = [json.loads(text) for text in BLOCK.findall((PAGES / f"{kind}.md").read_text(encoding="utf-8"))]
    return [(block, answer) for block, answer in itertools.pairwise(blocks) if isinstance(block, dict) and "kind" in block]


def list_models(annotation):
    """Return the document parts that an annotation holds, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation, *(part for field in annotation.model_fields.values() for part in list_models(field.annotation))]
    if isinstance(annotation, types.GenericAlias | types.UnionType) or typing.get_origin(annotation) is not None:
        return [part for argument in typing.get_args(annotation) for part in list_models(argument)]
    return []


@pytest.mark.parametrize("kind", FOUND)
def test_every_example_gives_the_answer_the_page_shows(kind):
    examples = load_examples(kind)
    assert examples, f"docs/calculator/{kind}.md has no example"
    for document, answer in examples:
        assert document["kind"] == kind
        assert cases.find_differences(expected=answer, found=run.answer_one(document=document)) == []


@pytest.mark.parametrize("kind", FOUND)
def test_every_field_is_named_on_its_page_a_page_it_links_to_or_the_index(kind):
    page = (PAGES / f"{kind}.md").read_text(encoding="utf-8")
    linked = [(PAGES / name).read_text(encoding="utf-8") for name in set(re.findall(r"\]\((\w+\.md)\)", page)) if (PAGES / name).exists()]
    named = set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`[^`\n]+`", "".join([page, INDEX, *linked])))))
    models = list_models(run.find_kind(name=kind).Document)
    names = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert sorted(names - named) == []


@pytest.mark.parametrize("kind", run.KINDS)
def test_the_index_links_to_every_kind(kind):
    assert f"[`{kind}`](calculator/{kind}.md)" in INDEX
