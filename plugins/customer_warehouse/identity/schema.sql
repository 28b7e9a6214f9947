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
    records integer not null,
    previous_customer_id text
);
comment on table identity.customers is
'One row per customer after the last run, with the number of records. previous_customer_id is the customer it was split from.';

create table if not exists identity.changes (
    source text not null,
    source_key text not null,
    since timestamptz not null,
    customer_id text,
    previous_customer_id text,
    kind text not null check (kind in ('new', 'moved', 'merged', 'split', 'gone', 'returned')),
    cause text not null check (
        cause in (
            'new_record', 'changed_record', 'deleted_record', 'new_rule_version', 'steward', 'erased_evidence',
            'not_recorded'
        )
    ),
    primary key (source, source_key, since)
);
create index if not exists changes_of_customer on identity.changes (customer_id, since);
create index if not exists changes_of_night on identity.changes (since);
comment on table identity.changes is
'History: from since (a night''s end) on, the record belonged to this customer, null when it was gone; previous_customer_id is where it was last, cause why it changed. What came from nights before causes were kept is not_recorded.';

create or replace function identity.believed_at(moment timestamptz)
returns table (source text, source_key text, customer_id text)
language sql stable
as $$
    select last_known.source, last_known.source_key, last_known.customer_id
    from (
        select distinct on (changes.source, changes.source_key)
            changes.source, changes.source_key, changes.customer_id
        from identity.changes
        where changes.since <= moment
        order by changes.source, changes.source_key, changes.since desc
    ) as last_known
    where last_known.customer_id is not null
$$;
comment on function identity.believed_at is
'Which customer each record belonged to at a moment, by the nights that had ended by then.';

create table if not exists identity.links (
    source_a text not null,
    key_a text not null,
    source_b text not null,
    key_b text not null,
    rule text not null,
    strength text not null check (strength in ('strong', 'weak')),
    names text,
    probability double precision,
    weight double precision,
    primary key (source_a, key_a, source_b, key_b, rule)
);
comment on table identity.links is
'Why records are one customer, after the last run: a is the older record; names says how well the two names agree, null when the rule does not look; probability and weight (in bits) are given where it was scored.';

create table if not exists identity.review_queue (
    source_a text not null,
    key_a text not null,
    source_b text not null,
    key_b text not null,
    probability double precision,
    weight double precision,
    cause text not null,
    since timestamptz not null,
    customer_a text not null,
    customer_b text not null,
    primary key (source_a, key_a, source_b, key_b)
);
comment on table identity.review_queue is
'Pairs of records that a person should decide about, after the last run: alike, but not alike enough, or linked and parted again. since is the first night that put the pair to people.';

create table if not exists identity.review_history (
    source_a text not null,
    key_a text not null,
    source_b text not null,
    key_b text not null,
    since timestamptz not null,
    primary key (source_a, key_a, source_b, key_b)
);
create index if not exists review_history_of_night on identity.review_history (since);
comment on table identity.review_history is 'Every pair that was ever put to people, and the first night that did.';

create table if not exists identity.cluster_health (
    customer_id text primary key,
    records integer not null,
    links integer not null,
    density double precision not null,
    bridges integer not null,
    weakest double precision,
    action text
);
comment on table identity.cluster_health is
'How well each customer of several records hangs together, after the last run: density is the share of its pairs that are linked, bridges the links without which it would fall apart, weakest the probability of its weakest link.';

create or replace view identity.cluster_sizes as
select records as size, count(*) as customers from identity.customers group by records;
comment on view identity.cluster_sizes is 'How many customers have how many records.';

create table if not exists identity.merges (
    customer_id text not null,
    survivor_id text not null,
    since timestamptz not null,
    primary key (customer_id, since)
);
comment on table identity.merges is 'History: the night in which a customer id ended and which customer took its records.';

create table if not exists identity.splits (
    customer_id text not null,
    previous_customer_id text not null,
    since timestamptz not null,
    primary key (customer_id, since)
);
comment on table identity.splits is
'History: the night in which a customer id was new for records that another customer had, and that customer.';

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

-- What one run leaves for the next, so that it need not look at everything again. A full run makes these anew.

create table if not exists identity.nights (
    as_of timestamptz primary key,
    policy text not null
);
comment on table identity.nights is 'The nights that were run, each with the version of rules and program it was last run by.';

create table if not exists identity.state (
    only_row boolean primary key default true check (only_row),
    as_of timestamptz not null,
    policy text not null
);
comment on table identity.state is 'The night and the version of rules and program that the tables show.';

create table if not exists identity.records (
    record integer not null,
    source text not null,
    source_key text not null,
    fingerprint bigint not null,
    component integer not null,
    primary key (source, source_key)
);
create unique index if not exists records_by_number on identity.records (record);
create index if not exists records_of_component on identity.records (component);
comment on table identity.records is
'State: each record with a number, the hash of what was read of it, and the component (its smallest record) in which links connect it.';

create table if not exists identity.key_kinds (
    kind smallint primary key,
    name text not null unique
);
comment on table identity.key_kinds is 'State: the kinds of keys, by the names of rules and blocking keys.';

create table if not exists identity.keys (
    key bigint not null,
    voice bigint not null,
    record integer not null,
    kind smallint not null
);
create index if not exists keys_by_key on identity.keys (key);
create index if not exists keys_of_record on identity.keys (record);
comment on table identity.keys is
'State: the hashed key values of every record; voice is a hash of who it speaks of (see keys.py).';

create table if not exists identity.scores (
    one integer not null,
    other integer not null,
    probability double precision not null,
    weight double precision not null
);
create index if not exists scores_of_one on identity.scores (one);
create index if not exists scores_of_other on identity.scores (other);
comment on table identity.scores is
'State: the scores of all pairs of records that were compared, unless next to impossible; weight in bits.';

create table if not exists identity.followed (
    override_id bigint primary key,
    source_a text not null,
    key_a text not null,
    source_b text not null,
    key_b text not null,
    decision text not null
);
comment on table identity.followed is 'State: the decisions of stewards that the tables follow.';

-- Tables of earlier versions.

do $$
begin
    if not exists (
        select from information_schema.columns
        where table_schema = 'identity' and table_name = 'links' and column_name = 'weight'
    ) then
        alter table identity.links
            add column probability double precision, add column weight double precision,
            drop constraint if exists links_names_check;
    end if;
    if not exists (
        select from information_schema.columns
        where table_schema = 'identity' and table_name = 'customers' and column_name = 'previous_customer_id'
    ) then
        alter table identity.customers add column previous_customer_id text;
    end if;
    if exists (
        select from information_schema.columns
        where table_schema = 'identity' and table_name = 'held' and column_name = 'key_hash'
    ) then
        drop table identity.held;
    end if;
    if to_regclass('identity.bypass') is not null and not exists (
        select from pg_constraint
        where conrelid = to_regclass('identity.bypass') and conname = 'bypass_of_an_identifier'
    ) then
        alter table identity.bypass add constraint bypass_of_an_identifier check (
            column_name in ('phone', 'email_key', 'account_id', 'member_number', 'national_id')
        );
    end if;
    if to_regclass('identity.memberships') is not null then
        insert into identity.nights (as_of, policy)
        select distinct valid_from, 'not_recorded' from identity.memberships
        on conflict do nothing;
        with told as (
            select
                *,
                max(valid_from) filter (where customer_id is not null) over before as last_since
            from identity.memberships
            window before as (
                partition by source, source_key order by valid_from rows between unbounded preceding and 1 preceding
            )
        ),
        known as (
            select
                told.*,
                last.customer_id as last_id,
                lag(told.customer_id) over (partition by told.source, told.source_key order by told.valid_from) as live_id,
                min(told.valid_from) over (partition by told.customer_id) as first_seen
            from told
            left join identity.memberships as last
                on last.source = told.source and last.source_key = told.source_key
                and last.valid_from = told.last_since
        )
        insert into identity.changes (source, source_key, since, customer_id, previous_customer_id, kind, cause)
        select
            source,
            source_key,
            valid_from,
            customer_id,
            last_id,
            case
                when customer_id is null then 'gone'
                when last_id is null then 'new'
                when live_id is null then 'returned'
                when exists (
                    select from identity.merges where merges.customer_id = live_id and merges.since = valid_from
                ) then 'merged'
                when first_seen = valid_from then 'split'
                else 'moved'
            end,
            'not_recorded'
        from known
        on conflict do nothing;
        drop table identity.memberships;
    end if;
end
$$;

create table if not exists identity.held (
    kind text not null,
    key bigint not null,
    records integer not null,
    voices_at_least integer not null,
    primary key (kind, key)
);
comment on table identity.held is
'Keys of a rule, or of scoring, that too many records or people share to mean anything, hashed; not used. voices_at_least is how many different people the key speaks of, exact after a full run.';

create table if not exists identity.bypass (
    column_name text not null constraint bypass_of_an_identifier check (
        column_name in ('phone', 'email_key', 'account_id', 'member_number', 'national_id')
    ),
    value text not null,
    owner text not null check (owner <> ''),
    reason text not null check (reason <> ''),
    expires_at timestamptz,
    primary key (column_name, value)
);
comment on table identity.bypass is
'Values that are nobody''s (a store''s own phone), beside those of bypass.yml: taken out of the records before they are compared. * stands for any characters.';

create table if not exists identity.bypass_proposals (
    key bigint primary key,
    column_name text not null,
    value_hash text not null,
    masked text not null,
    records integer not null,
    names integer not null,
    since timestamptz not null
);
comment on table identity.bypass_proposals is
'Values that more different people share than a rule believes, proposed for the bypass by the last run: the SHA-256 of each, and what may be shown of it. names is how many different people it speaks of at least, exact after a full run; key is that of identity.held.';
