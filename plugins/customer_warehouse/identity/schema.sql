-- The identity stage's tables. Idempotent: executed at the start of the stage.

create table if not exists identity.customer_records (
    source text not null,
    source_key text not null,
    customer_id text not null,
    primary key (source, source_key)
);
comment on table identity.customer_records is
'Which customer each record of standardised.customers belongs to, after the last run.';

create table if not exists identity.customers (
    customer_id text primary key,
    first_seen_as_of timestamptz not null,
    records integer not null
);
comment on table identity.customers is 'One row per customer after the last run, with the number of records.';

create table if not exists identity.memberships (
    source text not null,
    source_key text not null,
    customer_id text,
    valid_from timestamptz not null,
    primary key (source, source_key, valid_from)
);
comment on table identity.memberships is
'History: from valid_from (a night''s end) on, the record belonged to this customer; null when it was gone.';

create table if not exists identity.links (
    source_a text not null,
    key_a text not null,
    source_b text not null,
    key_b text not null,
    rule text not null,
    strength text not null check (strength in ('strong', 'weak')),
    names text check (names in ('different', 'unknown', 'similar', 'partial', 'equal')),
    primary key (source_a, key_a, source_b, key_b, rule)
);
comment on table identity.links is
'Why records are one customer, after the last run: a is the older record; names says how well the two names agree, null when the rule does not look.';

create table if not exists identity.held (
    rule text not null,
    key_hash text not null,
    records integer not null,
    primary key (rule, key_hash)
);
comment on table identity.held is
'Keys of a rule that too many records share to mean anything, by SHA-256 of rule and value; not used for links.';

create table if not exists identity.merges (
    customer_id text not null,
    survivor_id text not null,
    since timestamptz not null,
    primary key (customer_id, since)
);
comment on table identity.merges is 'History: the night in which a customer id ended and which customer took its records.';

create table if not exists identity.aliases (
    customer_id text primary key,
    survivor_id text not null,
    since timestamptz not null
);
comment on table identity.aliases is
'Every ended customer id after the last run and the customer it leads to today, in one hop.';

create table if not exists identity.overrides (
    override_id bigint generated always as identity primary key,
    source_a text not null,
    key_a text not null,
    source_b text not null,
    key_b text not null,
    decision text not null check (decision in ('same', 'not_same')),
    decided_by text not null check (decided_by <> ''),
    decided_at timestamptz not null default clock_timestamp(),
    reason text not null check (reason <> ''),
    expires_at timestamptz,
    withdrawn_at timestamptz,
    withdrawn_by text,
    check ((source_a collate "C", key_a collate "C") < (source_b collate "C", key_b collate "C")),
    check ((withdrawn_at is null) = (withdrawn_by is null))
);
comment on table identity.overrides is
'Stewards'' decisions on pairs of records; they win over rules and scores in every night whose end they precede. Never deleted: one that ends is withdrawn or expires.';

create table if not exists identity.override_conflicts (
    not_same_id bigint primary key,
    same_ids bigint [] not null,
    since timestamptz not null,
    explanation text not null
);
comment on table identity.override_conflicts is
'Decisions that contradict each other, as of the last run: a pair decided to be two people, and the decisions that make it one. Until one is withdrawn the pair is kept apart and these links are not made.';

create table if not exists identity.household_keys (
    kind text not null check (kind in ('phone', 'address')),
    key bigint not null,
    address bigint,
    customer_id text not null,
    primary key (kind, key, customer_id)
);
create index if not exists household_keys_customer_id on identity.household_keys (customer_id);
comment on table identity.household_keys is
'What a customer can share with others of a household, as hashes: a phone, or a surname with an address (and the address alone).';

create table if not exists identity.households (
    household_id text not null,
    customer_id text primary key,
    cause text not null check (cause in ('phone', 'address', 'address and phone'))
);
comment on table identity.households is
'Customers who share a phone, or a surname and an address, after the last run: a grouping that merges nobody. Customers without a household are not here.';
