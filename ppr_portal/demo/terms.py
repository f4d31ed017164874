"""Seeds what was promised: channels, query types, clients with their contracts, and pay plans."""

from contracts import models
from ppr_portal.demo.company import (
    ClientDefinition,
    Company,
    PayPlanDefinition,
    Rate,
    VersionDefinition,
    to_basis_points,
    to_micros,
)

RULE_PACK = "us-federal"


def seed_terms(*, company: Company) -> None:
    """Write the company's terms. Everything is new; call it inside a transaction."""
    channels = {
        code: models.Channel.objects.create(code=code, name=channel.name, is_voice=channel.is_voice, is_digital=channel.is_digital)
        for code, channel in company.channels.items()
    }
    query_types = {row.code: row for row in models.QueryType.objects.bulk_create(_query_types(company))}
    for client in company.clients:
        _seed_client(client, company.currency, query_types, channels)
    for plan in company.pay_plans:
        _seed_plan(plan, company.currency)


def category_code(*, group: str, category: int) -> str:
    """Return the code of the query type that stands for one of the log's categories.

    >>> category_code(group="desk", category=26)
    'desk/category-26'
    """
    return f"{group}/category-{category}"


def _query_types(company: Company) -> list[models.QueryType]:
    rows = []
    for group, types in company.query_types.items():
        rows.append(models.QueryType(code=group, name=types.name))
        rows += [
            models.QueryType(code=category_code(group=group, category=number), name=f"Category {number}") for number in types.categories
        ]
    return rows


def _seed_client(
    client: ClientDefinition, currency: str, query_types: dict[str, models.QueryType], channels: dict[str, models.Channel]
) -> None:
    payer = models.Client.objects.create(code=client.code, name=client.name, is_simulated=True, keeps_comments=True)
    contract = models.Contract.objects.create(
        client=payer, code=client.contract.code, name=client.contract.name, timezone=client.contract.timezone
    )
    for number, definition in enumerate(client.versions, start=1):
        version = models.ContractVersion.objects.create(
            contract=contract,
            number=number,
            effective_from=definition.start,
            effective_to=definition.end,
            currency=currency,
            prices_voice=True,
            note=definition.note,
        )
        _seed_policy(version, definition, query_types, channels)
        for rate in definition.rates:
            _seed_rate(version, rate, query_types, channels)
        _activate(version)


def _seed_policy(
    version: models.ContractVersion,
    definition: VersionDefinition,
    query_types: dict[str, models.QueryType],
    channels: dict[str, models.Channel],
) -> None:
    policy = models.ResolutionPolicy.objects.create(version=version, **definition.policy)
    for override in definition.overrides:
        models.ResolutionPolicyOverride.objects.create(
            policy=policy,
            query_type=query_types[override.query_type] if override.query_type else None,
            channel=channels[override.channel] if override.channel else None,
            delivery_model=override.delivery_model,
            silence_window_hours=override.silence_window_hours,
        )


def _seed_rate(
    version: models.ContractVersion, rate: Rate, query_types: dict[str, models.QueryType], channels: dict[str, models.Channel]
) -> None:
    shape = models.RateCardRow.Shape
    row = models.RateCardRow.objects.create(
        version=version,
        query_type=query_types[rate.query_type] if rate.query_type else None,
        channel=channels[rate.channel] if rate.channel else None,
        shape=shape.GRADUATED if rate.tiers else shape.PER_UNIT,
        unit_amount_micros=None if rate.price is None else to_micros(rate.price),
    )
    for tier in rate.tiers:
        models.RateTier.objects.create(row=row, up_to=tier.up_to, unit_amount_micros=to_micros(tier.price))


def _seed_plan(definition: PayPlanDefinition, currency: str) -> None:
    plan = models.PayPlan.objects.create(code=definition.code, name=definition.name)
    quality = definition.quality
    version = models.PayPlanVersion.objects.create(
        plan=plan,
        number=1,
        effective_from=definition.start,
        currency=currency,
        rule_pack=RULE_PACK,
        base_hourly_micros=to_micros(definition.base_hourly),
        guaranteed_hourly_micros=None if definition.guaranteed_hourly is None else to_micros(definition.guaranteed_hourly),
        clawback_bp=to_basis_points(definition.clawback),
        basis=definition.basis,
        quality_low_score_bp=to_basis_points(quality.low_score),
        quality_low_multiplier_bp=to_basis_points(quality.low_multiplier),
        quality_high_score_bp=to_basis_points(quality.high_score),
        quality_high_multiplier_bp=to_basis_points(quality.high_multiplier),
        note=definition.note,
    )
    for tier in definition.tiers:
        models.PayPlanTier.objects.create(version=version, up_to=tier.up_to, share_bp=to_basis_points(tier.share))
    for metric, weight in definition.metrics.items():
        models.PayPlanMetric.objects.create(version=version, metric=metric, weight_bp=to_basis_points(weight))
    _activate(version)


def _activate(version: models.ContractVersion | models.PayPlanVersion) -> None:
    """Freeze a finished draft; one that has an end already goes on to ended."""
    version.status = models.VersionStatus.ACTIVE
    version.save(update_fields=["status"])
    if version.effective_to is not None:
        version.status = models.VersionStatus.ENDED
        version.save(update_fields=["status"])
