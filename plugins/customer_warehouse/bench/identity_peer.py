"""The peer: Splink by itself, with a model as a careful person would write one for these columns.

It is given what our stage is given. For generated records these are the raw columns in lower case with the digits of
the phones, as Splink's users prepare them; for the demo's records they are our standardised columns. Names are compared
together, so that swapped ones are seen, with the frequency of names in account; birth dates, phones and e-mail
addresses by Splink's own comparisons, an address as one; the blocking rules are pairs of fields that a record of the
same person is likely to share. Weights are estimated as its documentation shows: the prior from deterministic rules, u
by random sampling, m by expectation maximisation on two blocking rules. Clusters are connected components at a
threshold.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from customer_warehouse.identity import metrics
from customer_warehouse.identity.peak_memory import PeakMemory

FIXED = 0.95
THRESHOLDS = (0.5, 0.7, 0.9, FIXED, 0.98, 0.99, 0.999, 0.9999)
"""Of these the one that is best by the truth is reported too: what nobody could pick without it."""
DEDUCED_RECALL = 0.7
"""The share of true pairs that the deterministic rules are told to find."""


@dataclass(frozen=True)
class Peer:
    """A hand-written model."""

    select: str
    """The prepared records, of a table `records`, with the column `unique_id`."""
    comparisons: Sequence[Any]
    blocking: Sequence[Any]
    certain: Sequence[Any]
    """Rules whose pairs are hardly ever two people."""
    training: Sequence[Any]
    """Blocking rules of the two rounds of expectation maximisation: between them they leave no comparison out."""


def _lower(column: str) -> str:
    return f"nullif(lower(trim({column})), '') as {column}"


ADDRESS = cl.CustomComparison(
    output_column_name="address",
    comparison_levels=[
        cll.And(cll.NullLevel("street"), cll.NullLevel("postcode")),
        cll.And(cll.ExactMatchLevel("street"), cll.ExactMatchLevel("house"), cll.ExactMatchLevel("postcode")),
        cll.And(cll.JaroWinklerLevel("street", 0.85), cll.ExactMatchLevel("house")),
        cll.ExactMatchLevel("street"),
        cll.ExactMatchLevel("postcode"),
        cll.ElseLevel(),
    ],
)
"""One comparison of the whole address: its parts depend on each other, and counted apart they merge households."""

GENERATED = Peer(
    select=f"""
        select
            record_id as unique_id, {", ".join(map(_lower, ("given", "family", "street", "house", "postcode")))},
            nullif(born, '') as born, nullif(regexp_replace(phone, '[^0-9]', '', 'g'), '') as phone
        from records
    """,
    comparisons=(
        cl.ForenameSurnameComparison("given", "family").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("born", input_is_string=True),
        cl.LevenshteinAtThresholds("phone", [1, 2]),
        ADDRESS,
    ),
    blocking=(
        block_on("given", "family", "substr(born, 1, 4)"),
        block_on("given", "family", "postcode"),
        block_on("family", "born"),
        block_on("given", "born"),
        block_on("phone"),
        block_on("street", "house", "postcode"),
        block_on("born", "postcode"),
        block_on("family", "street"),
        block_on("given", "street"),
    ),
    certain=(
        block_on("given", "family", "born"),
        block_on("given", "family", "phone"),
        block_on("given", "family", "street", "house"),
    ),
    training=(block_on("given", "family"), block_on("born")),
)

STANDARDISED = Peer(
    select="""
        select
            source || ' ' || source_key as unique_id,
            lower(coalesce(full_name_given, full_name)) as given, lower(full_name_family) as family,
            lower(full_name_pinyin) as pinyin, email_key as email, phone, birth_text as born,
            account_id, member_number, gender, lower(street) as street, lower(house_number) as house,
            lower(city) as city, postcode
        from records
    """,
    comparisons=(
        cl.ForenameSurnameComparison("given", "family").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("born", input_is_string=True, datetime_format="%Y%m%d"),
        cl.LevenshteinAtThresholds("phone", [1, 2]).configure(term_frequency_adjustments=True),
        cl.EmailComparison("email").configure(term_frequency_adjustments=True),
        cl.ExactMatch("account_id"),
        cl.ExactMatch("member_number"),
        cl.ExactMatch("gender"),
        ADDRESS,
    ),
    blocking=(
        block_on("account_id"),
        block_on("member_number"),
        block_on("phone", "given"),
        block_on("phone", "family"),
        block_on("phone", "born"),
        block_on("email"),
        block_on("given", "family", "born"),
        block_on("given", "family", "city"),
        block_on("pinyin", "city"),
        block_on("pinyin", "born"),
        block_on("family", "street", "house"),
    ),
    certain=(
        block_on("account_id"),
        block_on("member_number"),
        block_on("given", "family", "phone"),
        block_on("given", "family", "email"),
    ),
    training=(block_on("given", "family"), block_on("phone")),
)


def run(peer: Peer, records: str, truth: str, memory: str) -> dict[str, Any]:
    """Train, predict and cluster the records, and hold the clusters against the truth.

    `records` and `truth` are what DuckDB reads them from; truth has `unique_id, entity`. `memory` is DuckDB's limit.
    The seconds are from opening the records to the clusters at FIXED; clusters at other thresholds are not counted.
    """
    logging.disable(logging.WARNING)
    with duckdb.connect(":memory:", config={"memory_limit": memory}) as connection:
        with PeakMemory() as peak:
            started = time.perf_counter()
            connection.execute(f"create view records as select * from {records}; create table nodes as {peer.select}")
            linker, pairs = _predicted(peer, connection)
            _clusters(linker, pairs, FIXED)
            seconds = time.perf_counter() - started
        found = {}
        for threshold in THRESHOLDS:
            name = _clusters(linker, pairs, threshold)
            clusters = f"select cluster_id as cluster, unique_id from {name}"
            labelled = f"(select cluster, entity from ({clusters}) join {truth} using (unique_id))"
            found[threshold] = metrics.agreement(connection, labelled)
    best = max(found, key=lambda threshold: found[threshold][0].f1)
    return {
        "seconds": seconds,
        "peak_mb": peak.megabytes,
        "fixed": _as_json(FIXED, found[FIXED]),
        "best": _as_json(best, found[best]),
    }


def _predicted(peer: Peer, connection: duckdb.DuckDBPyConnection) -> tuple[Linker, Any]:
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(peer.comparisons),
        blocking_rules_to_generate_predictions=list(peer.blocking),
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(connection=connection).register("nodes"), settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match(list(peer.certain), recall=DEDUCED_RECALL)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in peer.training:
        training.estimate_parameters_using_expectation_maximisation(rule)
    return linker, linker.inference.predict(threshold_match_probability=min(THRESHOLDS))


def _clusters(linker: Linker, pairs: Any, threshold: float) -> str:
    """The name of the table of clusters (cluster_id, unique_id)."""
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=threshold)
    return str(found.physical_name)


def _as_json(threshold: float, found: tuple[metrics.Agreement, metrics.Agreement]) -> dict[str, Any]:
    return {"threshold": threshold, "pairwise": found[0].as_json(), "b_cubed": found[1].as_json()}
