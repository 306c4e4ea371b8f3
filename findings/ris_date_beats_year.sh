#!/bin/sh
# citation-js 0.8.2 (npm: @citation-js/core and @citation-js/plugin-ris), read on 2026-11-29.
#
# Guess: the publication year of a RIS record (PY) is the year of the citation; a date (DA) beside it
# adds month and day at most.
# Seen: any DA takes the place of PY, whatever their order. A DA of another year changes the year; a
# DA without one, such as "/03/04/" or "Mar 4", gives the year 4; "Mar-Apr" leaves no year at all.
# Keywords on lines of their own below KW, which rispy 0.10.0 keeps apart, become one keyword.
# What follows: years and keywords of references are taken from PY and from each line of KW, never by
# way of this reader. Ends with status 1 if any of this changes.
#
# Output seen:
#   DA of another year: [[2021,3,4]]
#   DA without a year: [[4,3]]
#   DA in words: [[4,3]]
#   DA of two months: undefined
#   KW on two lines: ptsd ketamine
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @citation-js/core@0.8.2 @citation-js/plugin-ris@0.8.2 >/dev/null
cat > run.js <<'JS'
const { Cite } = require('@citation-js/core')
require('@citation-js/plugin-ris')
const read = (line) => {
  const text = `TY  - JOUR\nTI  - A made-up title\nPY  - 2020\n${line}\nER  - \n`
  return new Cite(text, { forceType: '@ris/file' }).data[0]
}
const year = (line) => JSON.stringify(read(line).issued['date-parts'])
console.log('DA of another year:', year('DA  - 2021/03/04'))
console.log('DA without a year:', year('DA  - /03/04/'))
console.log('DA in words:', year('DA  - Mar 4'))
console.log('DA of two months:', year('DA  - Mar-Apr'))
console.log('KW on two lines:', read('KW  - ptsd\nketamine').keyword)
JS
node run.js | tee seen
cat > expected <<'TXT'
DA of another year: [[2021,3,4]]
DA without a year: [[4,3]]
DA in words: [[4,3]]
DA of two months: undefined
KW on two lines: ptsd ketamine
TXT
diff expected seen
