"""Pages as PDF files: rendered once, by WeasyPrint, from a template and a style sheet of their own.

WeasyPrint needs Pango from the system. Where that is missing, people are told what to install and print from the browser instead.
"""

import functools
import importlib
import pathlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

from contracts import reading
from ppr_portal.environment import BASE_DIR

STYLE = pathlib.Path(BASE_DIR) / "ppr_portal" / "static" / "css" / "paper.css"
MISSING = (
    "A PDF cannot be made on this machine, because Pango is not installed (on Debian: apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0). Print this page from the browser instead."
)
# Tells a reader of the PDF which standard the attached file follows.
FACTUR_X = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#" rdf:about="">
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:about=""><pdfaExtension:schemas><rdf:Bag>
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>%s</rdf:Seq></pdfaSchema:property></rdf:li>
</rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""
PROPERTY = (
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
    "<pdfaProperty:description>{words}</pdfaProperty:description></rdf:li>"
)
PROPERTIES = {
    "DocumentFileName": "Name of the embedded file",
    "DocumentType": "Kind of the embedded document",
    "Version": "Version of the standard",
    "ConformanceLevel": "Profile of the embedded document",
}


class UnableToRender(Exception):
    """What a PDF needs of the system is missing; the message says what to install."""


@functools.cache
def missing() -> str:
    """Say what is missing to make PDF files; nothing where they can be made. Asked once, as installing needs a restart anyway."""
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError):
        return MISSING
    return ""


def asked_language(*, request: HttpRequest) -> str:
    """Return the language of the copy that an address asks for, as in ?in=es; empty for the paper as it is issued."""
    code = request.GET.get("in", "")
    return code if code in dict(settings.LANGUAGES) and code != settings.LANGUAGE_CODE.partition("-")[0] else ""


def copy_query() -> str:
    """Return what the address of a paper needs to give a copy in the reader's language, as in ?in=es; empty in the portal's own."""
    language = reading.language()
    return "" if settings.LANGUAGE_CODE.startswith(language) else f"?in={language}"


def copy_key(*, key: str, language: str) -> str:
    """Return what a translated copy is kept under.

    >>> copy_key(key="invoice:7", language="es"), copy_key(key="invoice:7", language="")
    ('invoice:7:es', 'invoice:7')
    """
    return f"{key}:{language}" if language else key


def copy_name(*, name: str, language: str) -> str:
    """Return the file name of a translated copy.

    >>> copy_name(name="LF-2016-0041.pdf", language="es")
    'LF-2016-0041-es.pdf'
    """
    return f"{name.removesuffix('.pdf')}-{language}.pdf" if language else name


@contextmanager
def written_in(language: str) -> Iterator[None]:
    """Write a paper in a language, with its own numbers and nobody's habits; empty for the portal's own language."""
    with reading.plainly(), translation.override(language or settings.LANGUAGE_CODE):
        yield


def render_pdf(*, template: str, context: Mapping[str, Any], issued_at: datetime, e_invoice: bytes | None = None) -> bytes:
    """Render a template as PDF/A-3 with tags for screen readers.

    Args:
        template: of one document, with a language and a title.
        context: what it shows.
        issued_at: business instant that stands in the file as the time it was made.
        e_invoice: XML that is embedded as Factur-X.

    Raises: UnableToRender where the system lacks what it takes.
    """
    if words := missing():
        raise UnableToRender(words)
    weasyprint = importlib.import_module("weasyprint")
    html = render_to_string(template, dict(context))
    attachments = [] if e_invoice is None else [_attachment(weasyprint, e_invoice, issued_at)]
    document = weasyprint.HTML(string=html, url_fetcher=_refuse).render(
        stylesheets=[weasyprint.CSS(filename=str(STYLE))], pdf_variant="pdf/a-3a"
    )
    document.metadata.attachments = attachments
    document.metadata.created = document.metadata.modified = issued_at.isoformat(timespec="seconds")
    if e_invoice is not None:
        document.metadata.xmp_metadata = [_factur_x()]
    return bytes(document.write_pdf(pdf_variant="pdf/a-3a"))


def _attachment(weasyprint: Any, content: bytes, at: datetime) -> Any:
    return weasyprint.Attachment(
        string=content.decode(),
        name="factur-x.xml",
        description="Electronic invoice by EN 16931",
        relationship="Data",
        created=at,
        modified=at,
    )


def _factur_x() -> bytes:
    named = "".join(PROPERTY.format(name=name, words=words) for name, words in PROPERTIES.items())
    return (FACTUR_X % named).encode()


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    """Let a document load nothing: no file of the server, nothing of a network."""
    raise ValueError(f"A document loads nothing from elsewhere: {url}")
