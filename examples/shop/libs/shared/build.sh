#!/bin/sh
# Builds dist/shop: the Python package with the catalogue generated from products.csv.
set -eu
rm -rf dist
mkdir -p dist/shop
cp shop/__init__.py shop/catalogue.py shop/stopping.py dist/shop/

version=$(cksum <products.csv | cut -d' ' -f1)
awk -F, -v version="$version" '
  NR == 1 { printf "{\"version\": \"%s\", \"products\": [", version; next }
  NF != 4 { printf "products.csv:%d: 4 fields expected\n", NR | "cat >&2"; failed = 1; exit 1 }
  {
    printf "%s\n  {\"id\": \"%s\", \"name\": \"%s\", \"price_cents\": %d, \"stock\": %d}",
      (NR == 2 ? "" : ","), $1, $2, $3, $4
  }
  END { if (!failed) print "\n]}" }' products.csv >dist/shop/catalogue.json
echo "catalogue $version: $(($(wc -l <products.csv) - 1)) products"
