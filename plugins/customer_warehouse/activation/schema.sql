-- What was decided and what left the house. Idempotent: executed before every plan.
-- No table here holds a name, an address or a number; customer ids and channels only.

create table if not exists activation.plans (
    night date not null,
    segment text not null,
    batch_id bigint not null,
    purpose text not null check (purpose in ('marketing', 'service')),
    eligible bigint not null,
    to_send bigint not null,
    reasons jsonb not null,
    channels jsonb not null,
    primary key (night, segment)
);
comment on table activation.plans is
'One row per segment and night, counted in customers: eligible = to_send + the sum of reasons. channels counts each channel.';

create table if not exists activation.planned (
    night date not null,
    segment text not null,
    channel text not null,
    customer_id text not null,
    primary key (night, segment, channel, customer_id)
);
comment on table activation.planned is 'Who is to be sent by which channel, for the night planned last only.';

create table if not exists activation.withheld (
    night date not null,
    segment text not null,
    channel text not null,
    customer_id text not null,
    reason text not null,
    primary key (night, segment, channel, customer_id)
);
comment on table activation.withheld is
'Who was in the segment and not sent by a channel, each for one reason; kept for as many nights as the marts are.';

create table if not exists activation.deliveries (
    night date not null,
    segment text not null,
    destination text not null,
    channel text not null,
    eligible bigint not null,
    sent bigint not null,
    withheld bigint not null,
    file text,
    sha256 text not null,
    delivered_at timestamptz not null default clock_timestamp(),
    primary key (night, segment, destination, channel),
    check (eligible = sent + withheld)
);
comment on table activation.deliveries is
'One row per list and channel that a destination has; delivered_at is when its content last changed.';

create table if not exists activation.sent (
    night date not null,
    segment text not null,
    channel text not null,
    destination text not null,
    customer_id text not null,
    primary key (night, segment, channel, destination, customer_id)
);
comment on table activation.sent is 'The send ledger: who is on the list of that night at that destination.';

create table if not exists activation.built (
    only_row boolean primary key default true check (only_row),
    batch_id bigint not null,
    night date not null
);
comment on table activation.built is 'The batch of the marts that the segments were last built from.';

create table if not exists activation.held (
    night date not null,
    segment text not null,
    reason text not null,
    primary key (night, segment)
);
comment on table activation.held is
'Segments that kept their last list that night, because a check of theirs or of a column they depend on failed.';
