-- Orders of some years, an order every seven minutes: :orders of them, the newest placed now, of :sellers of five providers.
-- Of :every orders these stand out, one each: paid in part (0), sent but overdue (1), on hold (2), to be looked at (3), late
-- money to send back (4), paid too much (5), disputed (6), to be decided (7), claimed to be paid (8), tried out (9). Two more
-- came to nothing; all others went well.
CREATE FUNCTION pg_temp.named(what text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5(what)::uuid $$;
CREATE FUNCTION pg_temp.number(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(translate(lpad(n::text, 8, '0'), '0123456789', 'CDEFHJKMNP'), '(....)', 'VC-\1-')
$$;
CREATE FUNCTION pg_temp.kind(n int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT n % :every $$;
CREATE FUNCTION pg_temp.bank(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_temp.kind(n) IN (0, 1, 8) OR pg_temp.kind(n) > 11 AND n % 4 = 0
$$;
CREATE FUNCTION pg_temp.seller(n int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT (n + n / :every) % :sellers $$;
CREATE FUNCTION pg_temp.state(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN pg_temp.kind(n) IN (0, 1, 2, 8) THEN 'awaiting_payment'
        WHEN pg_temp.kind(n) = 3 THEN 'paid'
        WHEN pg_temp.kind(n) = 4 THEN 'refund_due'
        WHEN pg_temp.kind(n) = 7 THEN 'needs_attention'
        WHEN pg_temp.kind(n) BETWEEN 10 AND 11 THEN 'expired'
        ELSE 'completed' END
$$;

INSERT INTO provider (id, slug, legal_name, display_name, country, contact_email, state, created_at)
SELECT pg_temp.named('provider' || n), 'bench-' || n, 'Bench ' || n || ' Ltd', 'Bench ' || n, 'MW',
    'bench-' || n || '@example.org', 'active', now()
FROM generate_series(0, 4) n;
INSERT INTO registry_account (account_id, provider_id)
SELECT 'BENCH-' || n, pg_temp.named('provider' || n) FROM generate_series(0, 4) n;
INSERT INTO payee_account (id, provider_id, gateway, mode, external_id, client_id, secret_sealed, webhook_id, currencies,
    state, created_at)
SELECT pg_temp.named(gateway || n), pg_temp.named('provider' || n), gateway, 'own_app', gateway || n, '', '', '',
    ARRAY['USD'], 'active', now()
FROM generate_series(0, 4) n, unnest(ARRAY['paypal', 'bank']) gateway;
INSERT INTO bank_account (account_id, details) SELECT id, '{}' FROM payee_account WHERE gateway = 'bank';
INSERT INTO activity (activity_ref, title, summary, kind, host_party, sectoral_scopes, technology, methodologies,
    participants, sdgs, documents, status, registry_updated_at, read_at, search_text)
VALUES ('A6.4-MW-BENCH', 'Sample cookstoves', '', 'project', 'MW', '{3}', 'cookstoves', '{}', '{}', '{7}', '[]', 'registered',
    now(), now(), '');
INSERT INTO block (block_id, activity_ref, issuance_ref, monitoring_start, monitoring_end, vintage, unit_class,
    authorization_status, authorization_uses, serial_prefix, serial_start, serial_end, serial_count, serial_printed,
    quantity_available, status, read_at)
SELECT 'BENCH-' || n, 'A6.4-MW-BENCH', 'BENCH', '2025-01-01', '2025-12-31', 2025, 'AER', 'authorized', '{OP}', 'BENCH-' || n,
    1, 100000000, 100000000, 'BENCH-' || n, 0, 'active', now()
FROM generate_series(0, 4) n;
INSERT INTO mandate (mandate_id, account_id, block_id, quantity, quantity_remaining, status, granted_by,
    registry_updated_at, read_at)
SELECT 'BENCH-' || n, 'BENCH-' || n, 'BENCH-' || n, 100000000, 100000000, 'active', 'Sample', now(), now()
FROM generate_series(0, 4) n;
INSERT INTO offer (id, provider_id, mandate_id, price_minor, currency, quantity, min_quantity, held, cancelled, state,
    created_at, published_at)
SELECT pg_temp.named('offer' || n), pg_temp.named('provider' || n), 'BENCH-' || n, 1120, 'USD', 100000000, 1, 0, 0,
    'published', now(), now()
FROM generate_series(0, 4) n;
INSERT INTO order_group (id, token, placed_at) VALUES (pg_temp.named('group'), 'bench', now());

INSERT INTO "order" (id, group_id, provider_id, number, token, state, state_reason, currency, total_minor, method, language,
    email, beneficiary_type, beneficiary_name, beneficiary_country, disclosure, purpose, certificate_language, placed_at,
    hold_until, paid_at, completed_at, release_at, trial)
SELECT pg_temp.named('order' || n), pg_temp.named('group'), pg_temp.named('provider' || pg_temp.seller(n)), pg_temp.number(n),
    'bench-' || n, pg_temp.state(n), CASE pg_temp.kind(n) WHEN 4 THEN 'units_gone' WHEN 7 THEN 'payment_mismatch' END, 'USD', 2240,
    CASE WHEN pg_temp.bank(n) THEN 'bank' ELSE 'paypal' END, 'en', 'buyer-' || n || '@example.org', 'organisation',
    'Sample Buyer ' || n, (ARRAY['DE', 'FR', 'BR', 'JP'])[n % 4 + 1], 'public', 'other', 'en', at,
    CASE pg_temp.kind(n) WHEN 1 THEN now() + interval '1 day' ELSE at + interval '10 days' + n * interval '1 hour' END,
    CASE WHEN pg_temp.state(n) IN ('paid', 'completed') THEN at END,
    CASE WHEN pg_temp.state(n) = 'completed' THEN at END,
    CASE pg_temp.kind(n) WHEN 3 THEN now() + interval '1 day' END, pg_temp.kind(n) = 9
FROM generate_series(0, :orders - 1) n, LATERAL (SELECT now() - n * interval '7 minutes' AS at) placed;
INSERT INTO order_line (id, order_id, offer_id, position, quantity, unit_price_minor)
SELECT pg_temp.named('line' || n), pg_temp.named('order' || n), pg_temp.named('offer' || pg_temp.seller(n)), 0, 2, 1120
FROM generate_series(0, :orders - 1) n;
INSERT INTO bank_transfer (order_id, account_id, reference, details, tolerance_minor, due_on, release_at, said_sent_on,
    said_sent_at)
SELECT pg_temp.named('order' || n), pg_temp.named('bank' || pg_temp.seller(n)), 'RF00' || n, '{}', 0,
    CASE pg_temp.kind(n) WHEN 1 THEN current_date - 2 ELSE current_date + 7 END, now() + interval '9 days',
    CASE pg_temp.kind(n) WHEN 1 THEN current_date - 3 END, CASE pg_temp.kind(n) WHEN 1 THEN now() - interval '3 days' END
FROM generate_series(0, :orders - 1) n WHERE pg_temp.bank(n);
INSERT INTO payment (id, order_id, account_id, gateway, state, amount_minor, currency, external_id, created_at, changed_at,
    release_rule)
SELECT pg_temp.named('payment' || n), pg_temp.named('order' || n), pg_temp.named(gateway || pg_temp.seller(n)), gateway,
    CASE WHEN pg_temp.kind(n) IN (0, 1, 8) THEN 'started' WHEN pg_temp.kind(n) = 2 THEN 'pending'
        WHEN pg_temp.kind(n) BETWEEN 10 AND 11 THEN 'expired' ELSE 'captured' END,
    2240, 'USD', 'CHECKOUT-' || n, now(), now(), CASE pg_temp.kind(n) WHEN 3 THEN 'review' ELSE 'at_once' END
FROM generate_series(0, :orders - 1) n,
    LATERAL (SELECT CASE WHEN pg_temp.bank(n) THEN 'bank' ELSE 'paypal' END AS gateway) way;
INSERT INTO payment_entry (id, payment_id, account_id, gateway, kind, external_id, amount_minor, currency, at, recorded_at)
SELECT pg_temp.named(kind || n), payment.id, payment.account_id, payment.gateway, kind, kind || n,
    CASE WHEN pg_temp.kind(n) = 0 THEN 1120 WHEN pg_temp.kind(n) = 5 THEN 3360 ELSE 2240 END, 'USD', now(), now()
FROM generate_series(0, :orders - 1) n JOIN payment ON payment.id = pg_temp.named('payment' || n),
    unnest(ARRAY['receipt', 'chargeback']) kind
WHERE (kind = 'receipt' AND pg_temp.kind(n) NOT IN (1, 2, 8) AND pg_temp.kind(n) NOT BETWEEN 10 AND 11) OR (kind = 'chargeback' AND pg_temp.kind(n) = 6);
INSERT INTO cancellation (id, order_line_id, mandate_id, quantity, state, attempts, opened_at, registry_id, completed_at)
SELECT pg_temp.named('cancellation' || n), pg_temp.named('line' || n), 'BENCH-' || pg_temp.seller(n), 2, 'completed', 1, now(),
    'BENCH-' || n, now()
FROM generate_series(0, :orders - 1) n WHERE pg_temp.state(n) = 'completed';
INSERT INTO cancelled_range (id, cancellation_id, prefix, start, "end", count, printed)
SELECT pg_temp.named('range' || n), pg_temp.named('cancellation' || n), 'BENCH-' || pg_temp.seller(n), 2 * n + 1, 2 * n + 2, 2,
    'BENCH-' || pg_temp.seller(n) || '-' || 2 * n + 1 || '-' || 2 * n + 2
FROM generate_series(0, :orders - 1) n WHERE pg_temp.state(n) = 'completed';
INSERT INTO refund (id, order_id, payment_id, receipt_id, cause, amount_minor, currency, state, created_at, changed_at, due_at)
SELECT pg_temp.named('refund' || n), pg_temp.named('order' || n), pg_temp.named('payment' || n), 'receipt' || n,
    'units_gone', 2240, 'USD', 'by_hand', now(), now(), now() + interval '3 days'
FROM generate_series(0, :orders - 1) n WHERE pg_temp.kind(n) = 4;
INSERT INTO payment_claim (order_id, opened_at, answer_by)
SELECT pg_temp.named('order' || n), now(), now() + interval '3 days'
FROM generate_series(0, :orders - 1) n WHERE pg_temp.kind(n) = 8;
ANALYZE;
