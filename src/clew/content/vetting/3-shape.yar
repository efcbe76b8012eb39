// How obfuscated code looks. Minified code has none of these: it has short names and long lines, and says what it does.

rule string_table : shape {
  meta: kind = "shape" title = "its texts stand in a shuffled table (obfuscator's names)" technique = "T1027.013"
  strings:
    $name = /\b_0x[0-9a-f]{4,8}\b/
    $rotate = /(\['push'\]|\["push"\]|\.push)\(\s?_0x[0-9a-f]{4,8}(\['shift'\]|\["shift"\]|\.shift)\(\)/
    $math = /-?parseInt\(_0x[0-9a-f]{4,8}\(0x[0-9a-f]+/
  condition: #name > 30 or $rotate or #math > 3
}

rule symbol_soup : shape {
  meta: kind = "shape" title = "is written with six characters only" technique = "T1027"
  strings: $soup = /[\[\]()!+]{400,}/
  condition: $soup
}

rule character_sums {
  meta: kind = "shape" title = "puts its texts together from the numbers of their characters" technique = "T1027"
  strings:
    $js = /String\.fromCharCode\(\s{0,3}((0x[0-9a-f]{2}|\d{2,3})\s?,\s?){11,}/
    $py = /(chr\(\s?(0x[0-9a-f]{2}|\d{2,3})\s?\)\s?\+\s?){7,}/
    $py_join = /["']["']\.join\(\s?(map\(chr\s?,|\[?chr\(\w+( ?[\^+-] ?\w+)?\) for \w+ in)\s?\[?\s?\[?(\d{2,3},\s?){10,}/
    $xor = /String\.fromCharCode\(\s{0,3}[\w.\[\]]{1,40}(charCodeAt\(\w+( ?% ?[\w.]+)?\))?\s?\^\s?[\w.]{1,40}/
  condition: $js or $py or $py_join or #xor > 1
}

rule packed_python : shape {
  meta: kind = "shape" title = "is packed by an obfuscator of Python code" technique = "T1027.002"
  strings:
    $pyarmor = /\b__?pyarmor(_\d+)?__?\(|from pyarmor_runtime(_\d+)? import|pytransform/
    $hyperion = /class \w+:\n.{0,200}__init__.{0,400}lambda.{0,200}globals\(\)\[/s
    $blank = /["']\\x78\\x9c/
    $kramer = "class Kramer"
  condition: $pyarmor or $hyperion or $kramer or $blank
}
