#!/bin/sh
# Run once by the database's container: the two roles of the product, and its database.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" <<'SQL'
CREATE ROLE codetrail_owner LOGIN PASSWORD :'owner';
CREATE ROLE codetrail_app LOGIN PASSWORD :'app';
CREATE DATABASE codetrail OWNER codetrail_owner;
SQL
