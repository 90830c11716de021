# awk -v preset=NAME -f counts.awk CTEST-OUTPUT LASTTEST-LOG: names what failed or was skipped, then one line
# `PASSED FAILED SKIPPED`. A cmocka program counts as its tests, every other test as one.

FNR == 1 { file++ }

# What ctest says of each test.
file == 1 && /Test +#[0-9]+: / {
    name = $0
    sub(/.*Test +#[0-9]+: /, "", name)
    sub(/ .*/, "", name)
    result[name] = / Passed /? "passed" : /\*\*\*Skipped/ ? "skipped" : "failed"
    if (result[name] == "failed")
        why[name] = /\*\*\*Timeout/ ? " (timeout)" : /\*\*\*Not Run/ ? " (not run: no program)" : /\*\*\*Exception/ ? " (crash)" : ""
    order[++count] = name
}

# What each program says of itself.
file == 2 && /^[0-9]+\/[0-9]+ Testing: / { name = $3 }
file == 2 && /SKIPPED: / {
    reason = $0
    sub(/.*SKIPPED: /, "", reason)
    if (!((name, reason) in told)) {
        told[name, reason] = 1
        reasons[name] = reasons[name] "  skipped: " name ": " reason "\n"
        skips[name]++
    }
}
file == 2 && /^\[  PASSED  \] [0-9]+ test/ { inner[name] = $4 }
file == 2 && /^\[  FAILED  \] .*[0-9]+ test\(s\), listed below/ {
    match($0, /[0-9]+ test\(s\)/)
    broken[name] = substr($0, RSTART, RLENGTH) + 0
}
file == 2 && /^\[  FAILED  \] / && !/listed below/ && !/^\[  FAILED  \] *[0-9]+ / && !((name, $4) in told) {
    told[name, $4] = 1 # cmocka says it twice
    names[name] = names[name] "    " $4 "\n"
}

END {
    passed = failed = skipped = 0
    for (i = 1; i <= count; i++) {
        name = order[i]
        printf "%s", reasons[name]
        skipped += skips[name]
        if (result[name] == "skipped" && !skips[name]) {
            skipped++
            print "  skipped: " name
        }
        if (result[name] == "passed")
            passed += name in inner ? inner[name] : 1
        if (result[name] == "failed") {
            passed += inner[name]
            failed += broken[name] > 0 ? broken[name] : 1
            printf "  FAILED: %s%s\n%s", name " (" preset ")", why[name], names[name]
        }
    }
    print passed, failed, skipped
}
