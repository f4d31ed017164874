#!/bin/sh
# Runs Django's deployment checks as production would see them: deploy_check.sh PYTHON. Connects to nothing.
set -eu
python=$1
secret=$("$python" -c 'import secrets; print(secrets.token_urlsafe(60))')
exec env PPR_MODE=production PPR_SECRET_KEY="$secret" PPR_HASH_KEY="$secret" PPR_ALLOWED_HOSTS=portal.example.org \
    DATABASE_URL=postgresql://portal:secret@database.example.org/portal REDIS_URL=rediss://broker.example.org/0 \
    "$python" manage.py check --deploy --fail-level WARNING
