-- The tables of the first Rekam.
--
-- facility_id comes first in every key: one facility is one shard, and no key, foreign key or
-- sequence spans two. Ids are opaque text, compared bytewise (collate "C"), as the browser does.

-- Which life of the database this is. A backup that is restored gets a new one, so that devices
-- notice that numbers and sequences they had seen acknowledged may be gone.
create table server_epoch (
    only_row   boolean primary key default true check (only_row),
    epoch      uuid not null,
    created_at timestamptz not null default now(),
    -- Of a backup that was put back: when the last batch that it holds had been received.
    backup_at  timestamptz
);
insert into server_epoch (epoch) values (gen_random_uuid());

create table facility (
    facility_id text collate "C" primary key,
    name        text not null,
    created_at  timestamptz not null default now()
);

-- The facility's one counter. Every batch locks this row before anything else, in a statement of
-- its own, so that sequences are handed out in the order in which transactions commit.
create table facility_counter (
    facility_id text collate "C" primary key,
    sequence    bigint not null default 0
) with (fillfactor = 50);

-- Sign-in knows a username before it knows a facility, so usernames are unique over all.
create table account (
    facility_id   text collate "C" not null,
    account_id    text collate "C" not null,
    username      text not null,
    name          text not null,
    role          text not null,
    password_hash text not null,
    active        boolean not null default true,
    created_at    timestamptz not null default now(),
    primary key (facility_id, account_id)
);
create unique index account_username on account (username);

-- Only the SHA-256 of a token is kept: who reads this table cannot sign in with it.
create table session (
    token_hash  bytea primary key,
    facility_id text collate "C" not null,
    account_id  text collate "C" not null,
    device_id   text collate "C",
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null
);
create index session_expiry on session (expires_at);
create index session_account on session (facility_id, account_id);

-- Failures of one subject ("username:..." or "address:...") in the window that began at started_at.
create table sign_in_failure (
    subject    text collate "C" primary key,
    failures   integer not null,
    started_at timestamptz not null
);

-- One row a device: its last number, the hash of the exact text of that change (the head of its
-- chain) and the sequence it got. This is what recognises a repeat without an index of all ids.
create table device (
    facility_id  text collate "C" not null,
    device_id    text collate "C" not null,
    number       bigint not null default 0,
    hash         text not null default '',
    sequence     bigint not null default 0,
    recovery_key bytea not null,
    account_id   text collate "C" not null,
    enrolled_at  timestamptz not null default now(),
    revoked_at   timestamptz,
    primary key (facility_id, device_id)
) with (fillfactor = 50);
-- Not unique, because a key may not span facilities; enrolment takes a lock on the id instead.
create index device_by_id on device (device_id);

-- One row a batch: which numbers of a device got which sequences, in one run without gaps. The
-- pushing account stands beside the authors of the changes, who may be others.
create table push (
    facility_id    text collate "C" not null,
    device_id      text collate "C" not null,
    first_number   bigint not null,
    last_number    bigint not null,
    first_sequence bigint not null,
    received_at    timestamptz not null default now(),
    account_id     text collate "C" not null,
    drift_ms       bigint,
    primary key (facility_id, device_id, first_number)
);

-- The record's history, in the facility's order. `body` is of type json, not jsonb, because json
-- keeps the exact text, which is what the device hashed.
create table change (
    facility_id text collate "C" not null,
    sequence    bigint not null,
    device_id   text collate "C" not null,
    number      bigint not null,
    patient_id  text collate "C" not null,
    resource    text collate "C" not null,
    "timestamp" text collate "C" not null,
    hash        text not null,
    body        json not null,
    primary key (facility_id, sequence)
);
-- For the history of one resource, and for an import that looks for what it brought before.
create index change_resource on change (facility_id, resource);
-- For the day's count. Changes lie about in the order of their timestamps, so that a few pages
-- for each range are enough; a B-tree would cost each write as much as the primary key does.
create index change_day on change using brin ("timestamp") with (pages_per_range = 16);

-- The state of each resource: `body` is the row that merge reads and writes.
create table resource (
    facility_id  text collate "C" not null,
    key          text collate "C" not null,
    patient_id   text collate "C" not null,
    encounter_id text collate "C" not null,
    date         text collate "C" not null,
    sequence     bigint not null,
    body         jsonb not null,
    primary key (facility_id, key)
) with (fillfactor = 80);
create index resource_chart on resource (facility_id, patient_id);
create index resource_patient on resource (facility_id, patient_id)
    where key = 'Patient/' || patient_id;

-- What is known of each patient at a glance: the line of the directory as every device writes it,
-- the same folded for search, and the latest day of a visit or appointment ('' without one), which
-- says whose charts a device is to have first. It is there exactly when the Patient is.
create table patient (
    facility_id text collate "C" not null,
    patient_id  text collate "C" not null,
    date        text collate "C" not null default '',
    line        text collate "C" not null,
    search      text collate "C" not null,
    primary key (facility_id, patient_id)
) with (fillfactor = 80);
create index patient_recent on patient (facility_id, date desc, patient_id);

-- Changes that took a number and a sequence, and were refused. `body` holds the bytes as sent:
-- what was refused may be anything, even text that the database could not hold; `resource`,
-- `timestamp` and `patient_id` are empty where it names none. `waits_for` is the refused change
-- that must come to something first. Settled: replaced by the change `settled_number` of the
-- device, or withdrawn for a `reason`; a row stays for good.
create table refused (
    facility_id    text collate "C" not null,
    sequence       bigint not null,
    device_id      text collate "C" not null,
    number         bigint not null,
    hash           text not null,
    account_id     text collate "C" not null,
    issues         jsonb not null,
    body           bytea not null,
    received_at    timestamptz not null default now(),
    resource       text collate "C" not null,
    "timestamp"    text collate "C" not null,
    patient_id     text collate "C" not null,
    author         text collate "C" not null,
    waits_for      bigint,
    settled_at     timestamptz,
    settled_by     text collate "C",
    settled_number bigint,
    reason         text,
    primary key (facility_id, sequence)
);
create index refused_day on refused (facility_id, "timestamp");
-- For what a device's later changes may build upon, and for settling.
create unique index refused_device on refused (facility_id, device_id, number);

-- Work that could get no number: a second text for a number already taken, a chain that does not
-- continue ours (a device restored from an image), a change whose number cannot be read, what a
-- revoked device had not sent. It stays, also when it is settled: admitted to the record, or
-- dismissed with a reason.
create table quarantine (
    facility_id text collate "C" not null,
    device_id   text collate "C" not null,
    hash        text not null,
    number      bigint,
    reason      text not null,
    account_id  text collate "C" not null,
    body        bytea not null,
    received_at timestamptz not null default now(),
    settled     text,
    settled_at  timestamptz,
    remark      text,
    -- A clinician at the device leaves it aside, and why. It settles nothing.
    left_at     timestamptz,
    left_by     text collate "C",
    left_reason text,
    primary key (facility_id, device_id, hash)
);

-- Who did or saw what. facility_id is '' where a sign-in failed before a facility was known.
create table audit (
    facility_id text collate "C" not null,
    audit_at    timestamptz not null default now(),
    audit_id    uuid not null default gen_random_uuid(),
    action      text not null,
    account_id  text collate "C",
    device_id   text collate "C",
    patient_id  text collate "C",
    address     text,
    details     jsonb not null default '{}',
    primary key (facility_id, audit_at, audit_id)
);
