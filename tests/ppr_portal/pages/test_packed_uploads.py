"""A small file that unpacks to a large one is refused where it comes in, with the limit, and nothing of it is kept."""

import gzip
import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agents.intake import file_bytes
from agents.intake.errors import UnableToImport
from agents.models import Upload
from billing.queries.shadow import file as shadow_file
from tests import factories
from tests.ppr_portal import intake_pages
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db
MEGABYTE = 1024**2
ZEROS = gzip.compress(b"0" * MEGABYTE)
LIMIT = "unpacks to more than 512 MB; split it and import the parts."


@pytest.fixture(autouse=True)
def _media(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def bomb_workbook() -> bytes:
    """A workbook whose sheet says that it holds a gigabyte."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for number in range(513):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * MEGABYTE)
    return written.getvalue()


@pytest.mark.parametrize("name", ["month.csv.gz", "month.ndjson.gz", "month.xes.gz", "month.xlsx"])
def test_a_bomb_is_refused_with_the_limit_and_not_kept(company: Company, client: Client, name: str) -> None:
    client.force_login(company.admin)
    source = factories.make_source()
    content = bomb_workbook() if name.endswith(".xlsx") else ZEROS * 513
    assert len(content) < 5 * MEGABYTE

    response = client.post(reverse("upload_new"), {"source": source.pk, "file": SimpleUploadedFile(name, content)})

    assert response.status_code == 422
    assert f"{name} {LIMIT}" in response.content.decode()
    assert not Upload.objects.exists()


def test_what_unpacks_to_the_limit_comes_in(company: Company) -> None:
    source = factories.make_source()
    assert intake_pages.make_upload(company, source, name="month.csv.gz", content=ZEROS * 512).name == "month.csv.gz"


def test_what_cannot_be_unpacked_comes_in_and_is_told_when_it_is_read(company: Company) -> None:
    source = factories.make_source()
    for name in ("broken.csv.gz", "broken.xlsx"):
        assert intake_pages.make_upload(company, source, name=name, content=b"no such file").name == name


def test_a_file_to_compare_with_has_the_same_limit() -> None:
    with pytest.raises(UnableToImport, match="holds more than 512 MB"):
        shadow_file.read_table(name="bill.csv.gz", content=ZEROS * 513)
    assert file_bytes.describe_size(file_bytes.UPLOADED_MAX) == "512 MB"
