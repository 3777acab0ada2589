# Recompute the main statistics of a VerteRead study in base R, and compare them.
#
#     Rscript reproduce.R [folder]
#
# Reads readings.csv, statistics.json, bootstrap.json, resamples.csv and, if readers were resampled,
# reader-resamples.csv from the folder (default: the folder of this script), and the formulas from
# statistics.R beside this script. Prints a table and exits with status 1 if a number differs by more
# than its tolerance.

tolerances <- c(kappa = 1e-9, p = 1e-8, icc = 1e-8, bootstrap = 1e-9)

script_folder <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  if (length(file) == 1) dirname(file) else "."
}

source(file.path(script_folder(), "statistics.R"), encoding = "UTF-8")

# ---- Published records ---------------------------------------------------------------------------

# VerteRead writes one record per line, so single fields can be read without a JSON parser.
unescape <- function(text) {
  codes <- regmatches(text, gregexpr("\\\\u[0-9a-f]{4}", text))[[1]]
  for (code in unique(codes)) {
    text <- gsub(code, intToUtf8(strtoi(substring(code, 3), 16L)), text, fixed = TRUE)
  }
  gsub("\\\\(.)", "\\1", text)
}

match_of <- function(line, pattern) {
  found <- regmatches(line, regexec(pattern, line, perl = TRUE))[[1]]
  if (length(found)) found[-1] else NULL
}

text_field <- function(line, name) {
  value <- match_of(line, sprintf("\"%s\": \"((?:[^\"\\\\]|\\\\.)*)\"", name))
  if (is.null(value)) NA_character_ else unescape(value)
}

texts_field <- function(line, name) {
  list <- match_of(line, sprintf("\"%s\": \\[((?:\"(?:[^\"\\\\]|\\\\.)*\"(?:, )?)*)\\]", name))
  if (is.null(list)) return(character(0))
  texts <- regmatches(list, gregexpr("\"(?:[^\"\\\\]|\\\\.)*\"", list, perl = TRUE))[[1]]
  vapply(substring(texts, 2, nchar(texts) - 1), unescape, "", USE.NAMES = FALSE)
}

numbers_field <- function(line, name, count) {
  value <- match_of(line, sprintf("\"%s\": \\[?([-+0-9.eE, ]+)", name))
  if (is.null(value)) return(rep(NA_real_, count))
  as.numeric(strsplit(gsub("[ ]|,[ ]*$", "", value), ",")[[1]])[seq_len(count)]
}

record_of <- function(line) {
  list(
    statistic = text_field(line, "statistic"), weights = text_field(line, "weights"),
    outcome = text_field(line, "outcome"), arm = text_field(line, "arm"),
    readers = texts_field(line, "readers"), arms = texts_field(line, "arms"),
    value = numbers_field(line, "value", 1), se = numbers_field(line, "se", 1),
    ci = numbers_field(line, "ci", 2), ci_bootstrap = numbers_field(line, "ci_bootstrap", 2),
    ci_bootstrap_expanded = numbers_field(line, "ci_bootstrap_expanded", 2),
    ci_bca = numbers_field(line, "ci_bca", 2),
    ci_bootstrap_readers = numbers_field(line, "ci_bootstrap_readers", 2), form = text_field(line, "form"),
    p = numbers_field(line, "p", 1), p_holm = numbers_field(line, "p_holm", 1),
    primary = grepl("\"primary\": true", line, fixed = TRUE),
    note = text_field(line, "note")
  )
}

records_of <- function(lines, statistics) {
  wanted <- sprintf("^\\{\"statistic\": \"(%s)\"", paste(statistics, collapse = "|"))
  lapply(grep(wanted, lines, value = TRUE), record_of)
}

# ---- Comparison ----------------------------------------------------------------------------------

# A number that is missing on one side only differs infinitely.
difference <- function(published, recomputed) {
  both <- is.na(published) & is.na(recomputed)
  one <- xor(is.na(published), is.na(recomputed))
  ifelse(both, 0, ifelse(one, Inf, abs(published - recomputed)))
}

# A comparison: a name, its tolerance, the largest difference and the published record.
comparison <- function(name, kind, record, published, recomputed) {
  list(
    name = name, tolerance = tolerances[[kind]], record = record,
    difference = max(0, difference(published, recomputed))
  )
}

compare_kappas <- function(records, study) {
  lapply(records, function(record) {
    recomputed <- estimate_of(record, study$kappa_of(record$outcome, record$weights), study$pairs_of)
    name <- paste(record$statistic, record$weights)
    comparison(name, "kappa", record, c(record$value, record$se), recomputed)
  })
}

# P-values of the contrasts of three or more arms. All contrasts except the primary one are adjusted
# as one family per outcome and weighting (Holm 1979).
compare_p_values <- function(records, study) {
  family <- vapply(records, function(record) paste(record$outcome, record$weights), "")
  unlist(lapply(unique(family), function(name) {
    contrasts <- records[family == name]
    p <- vapply(contrasts, function(record) {
      wald_p(estimate_of(record, study$kappa_of(record$outcome, record$weights), study$pairs_of))
    }, 0)
    others <- !vapply(contrasts, `[[`, TRUE, "primary")
    adjusted <- rep(NA_real_, length(p))
    adjusted[others] <- p.adjust(p[others], "holm")
    Map(function(record, p, adjusted) {
      comparison("p of contrasts", "p", record, c(record$p, record$p_holm), c(p, adjusted))
    }, contrasts, p, adjusted)
  }), recursive = FALSE)
}

compare_iccs <- function(records, study) {
  lapply(records, function(record) {
    totals <- totals_of(study$data, study$outcomes[[record$outcome]], record$arm, record$readers)
    recomputed <- icc(totals$values, sub("icc_(.)_1", "\\1", record$statistic))
    published <- c(record$value, record$ci)
    # With a note, the published record gives no interval or no value, and says why.
    given <- !is.na(published) | is.na(record$note)
    comparison(record$statistic, "icc", record, published[given], recomputed[given])
  })
}

compare_icc_differences <- function(records, study) {
  lapply(records, function(record) {
    recomputed <- estimate_of(record, study$icc_of(record$outcome, record$form), study$pairs_of)
    comparison(record$statistic, "icc", record, c(record$value, record$se), recomputed)
  })
}

# Percentile, expanded percentile and BCa intervals of kappas, or of ICCs with their form.
compare_intervals <- function(records, study, drawn, resampled_kappa) {
  resampled_icc <- function(outcome, form) {
    force(outcome)
    function(arm, pair) {
      sums <- study$icc_of(outcome, form)(arm, pair)$sums
      resample(sums, drawn, function(sums) icc_of_sums(sums, icc_form(form))$value)
    }
  }
  lapply(records, function(record) {
    of_icc <- !is.na(record$form)
    fit_of <- if (of_icc) study$icc_of(record$outcome, record$form) else
      study$kappa_of(study$outcome, study$weights)
    resampled_of <- if (of_icc) resampled_icc(record$outcome, record$form) else resampled_kappa
    if (grepl("difference", record$statistic)) record$arms <- study$compared
    published <- c(record$ci_bootstrap, record$ci_bootstrap_expanded, record$ci_bca)
    recomputed <- intervals_of(record, fit_of, resampled_of, study$pairs_of)
    comparison(paste(record$statistic, "bootstrap"), "bootstrap", record, published, recomputed)
  })
}

# Intervals of means over pairs of readers with readers resampled as well. Without a file of drawn
# readers there are fewer than three.
compare_reader_intervals <- function(records, study, resampled_kappa, drawn_readers) {
  fit_of <- study$kappa_of(study$outcome, study$weights)
  means <- c("light_kappa", "mean_kappa_difference", "group_kappa_difference")
  records <- Filter(function(record) record$statistic %in% means, records)
  lapply(records, function(record) {
    if (grepl("difference", record$statistic)) record$arms <- study$compared
    recomputed <- if (is.null(drawn_readers)) c(NA_real_, NA_real_) else
      interval_over_readers(record, fit_of, resampled_kappa, study$pairs_of, drawn_readers)
    name <- paste(record$statistic, "readers")
    comparison(name, "bootstrap", record, record$ci_bootstrap_readers, recomputed)
  })
}

# The kappas of a pair in every resample of patients; each is computed once.
resampled_kappa_of <- function(study, drawn) {
  memoised(function(arm, pair) {
    items <- items_of_pair(study$data, study$outcomes[[study$outcome]], arm, pair)
    resample(kappa_sums(items, study$weights), drawn, function(sums) {
      kappa_of_sums(sums, study$weights)
    })
  })
}

memoised <- function(compute) {
  stored <- new.env()
  function(...) {
    key <- paste(unlist(list(...)), collapse = "\r")
    if (is.null(stored[[key]])) stored[[key]] <- compute(...)
    stored[[key]]
  }
}

print_table <- function(results) {
  names <- vapply(results, `[[`, "", "name")
  differences <- vapply(results, `[[`, 0, "difference")
  limits <- vapply(results, `[[`, 0, "tolerance")
  cat(sprintf("%-36s %8s %12s %10s  %s\n", "Statistic", "compared", "largest diff", "tolerance", ""))
  for (name in unique(names)) {
    of_name <- names == name
    worst <- max(differences[of_name])
    limit <- limits[of_name][1]
    verdict <- if (worst > limit) "DIFFERS" else "agrees"
    cat(sprintf("%-36s %8d %12.2e %10.0e  %s\n", name, sum(of_name), worst, limit, verdict))
  }
  wrong <- results[differences > limits]
  for (result in wrong[seq_len(min(20, length(wrong)))]) {
    record <- result$record
    cat(sprintf(
      "Differs: %s, %s, %s, %s: published %s\n", result$name, record$outcome,
      paste(c(record$arm), collapse = " "), paste(record$readers, collapse = " and "),
      format(record$value, digits = 12)
    ))
  }
  cat(sprintf("%d published numbers compared, %d differ.\n", length(results), length(wrong)))
  length(wrong)
}

icc_form <- function(form) tolower(substring(form, 1, 1))

# The readings, and functions that return a fitted pair of readers; each is fitted once.
study_of <- function(path, first_line) {
  data <- read_readings(path)
  outcomes <- outcomes_of(data, numbers_field(first_line, "group_limits", 2))
  pairs_of <- memoised(function(arm) {
    # Compared as text by code point, whatever the locale.
    readers <- sort(unique(data$readings$reader[data$readings$arm == arm]), method = "radix")
    if (length(readers) < 2) list() else combn(readers, 2, simplify = FALSE)
  })
  fit_of_kappa <- memoised(function(outcome, scheme, arm, pair) {
    fit_kappa(items_of_pair(data, outcomes[[outcome]], arm, pair), scheme)
  })
  fit_of_icc <- memoised(function(outcome, form, arm, pair) {
    fit_icc(totals_of(data, outcomes[[outcome]], arm, pair), icc_form(form))
  })
  list(
    data = data, outcomes = outcomes, pairs_of = pairs_of,
    compared = texts_field(first_line, "compared"),
    outcome = text_field(first_line, "primary_outcome"),
    weights = text_field(first_line, "primary_weights"),
    kappa_of = function(outcome, scheme) function(arm, pair) fit_of_kappa(outcome, scheme, arm, pair),
    icc_of = function(outcome, form) function(arm, pair) fit_of_icc(outcome, form, arm, pair)
  )
}

main <- function(folder) {
  file <- function(name) file.path(folder, name)
  statistics <- readLines(file("statistics.json"), encoding = "UTF-8")
  bootstrap <- readLines(file("bootstrap.json"), encoding = "UTF-8")
  study <- study_of(file("readings.csv"), statistics[1])
  # Agreement between readers; repeats within readers are not recomputed here.
  published <- function(names) {
    records <- records_of(grep("\"replicate\": 1,", statistics, value = TRUE, fixed = TRUE), names)
    Filter(function(record) record$outcome %in% names(study$outcomes), records)
  }
  intervals <- records_of(bootstrap, "[a-z_]+")
  drawn <- read_resamples(file("resamples.csv"))
  resampled_kappa <- resampled_kappa_of(study, drawn)
  readers_file <- file("reader-resamples.csv")
  drawn_readers <- if (file.exists(readers_file)) read_resamples(readers_file)
  results <- c(
    compare_kappas(published(c(
      "cohen_kappa", "light_kappa", "kappa_difference", "mean_kappa_difference",
      "group_kappa_difference", "mean_kappa_contrast"
    )), study),
    compare_p_values(published("mean_kappa_contrast"), study),
    compare_iccs(published(c("icc_a_1", "icc_c_1")), study),
    compare_icc_differences(
      published(c("icc_difference", "mean_icc_difference", "mean_icc_contrast")), study
    ),
    compare_intervals(intervals, study, drawn, resampled_kappa),
    compare_reader_intervals(intervals, study, resampled_kappa, drawn_readers)
  )
  if (!length(results)) stop("statistics.json contains no statistic that this script recomputes.")
  if (print_table(results) > 0) 1 else 0
}

arguments <- commandArgs(trailingOnly = TRUE)
quit(status = main(if (length(arguments)) arguments[1] else script_folder()))
