"""How the report's page looks, on screens and on paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #222; background: #fff; max-width: 66rem;
       margin: 1.6rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; }
h2 { font-size: 1.1rem; margin: 1.9rem 0 .2rem; break-after: avoid; }
p { margin: .35rem 0; max-width: 56rem; }
.lead { font-size: 1.05rem; }
.quiet, caption, .small { color: #555; }
.small { font-size: .88em; }
.note { border-left: 4px solid #d55e00; padding-left: .6rem; }
.figures { display: flex; flex-wrap: wrap; gap: .5rem; margin: .9rem 0; padding: 0; list-style: none; }
.figures li { border: 1px solid #ccc; border-radius: 4px; padding: .35rem .7rem; min-width: 7.2rem;
              break-inside: avoid; }
.figures b { display: block; font-size: 1.25rem; font-weight: 600; line-height: 1.35; white-space: nowrap; }
.figures span { color: #555; font-size: .82rem; display: block; max-width: 13rem; line-height: 1.3; }
ul.look { margin: .2rem 0 .6rem; padding-left: 1.2rem; max-width: 56rem; } ul.look li { margin: .15rem 0; }
table { border-collapse: collapse; margin: .4rem 0 .8rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .2rem; }
th, td { padding: .18rem .9rem .18rem 0; text-align: right; border-bottom: 1px solid #ddd; vertical-align: top; }
th { border-bottom-color: #888; font-weight: 600; }
.word { text-align: left; }
tr { break-inside: avoid; } thead { display: table-header-group; }
.happened td { line-height: 1.35; } .happened .steps { color: #555; font-size: .88em; }
.tag { display: inline-block; border: 1px solid #bbb; border-radius: 3px; padding: 0 .35rem; font-size: .82em;
       white-space: nowrap; }
figure { margin: 0 0 .4rem; break-inside: avoid; } figure img { width: 100%; height: auto; display: block; }
a { color: #0059a0; text-decoration: none; } a:hover { text-decoration: underline; }
nav { color: #555; font-size: .9rem; margin: .6rem 0; } nav a { margin-right: .9rem; white-space: nowrap; }
@page { size: A4 portrait; margin: 12mm 12mm 14mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 10px; } nav { display: none; }
  h1 { font-size: 1.5rem; } p, ul.look { max-width: none; } a { color: inherit; }
  h2 { margin-top: 1.1rem; } .figures b { font-size: 1.15rem; }
}
"""
