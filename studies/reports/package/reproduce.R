# Recompute the main statistics of a VerteRead study in base R, and compare them.
#
#     Rscript reproduce.R [folder]
#
# Reads readings.csv, statistics.json, bootstrap.json and resamples.csv from the folder (default:
# the folder of this script). Uses the published formulas and none of VerteRead's code. Prints a
# table and exits with status 1 if a number differs by more than its tolerance.
#
# Kappa with agreement weights: Cohen 1968. Its standard error is the delta method (infinitesimal
# jackknife), with the contributions summed per patient; with one item per patient it is that of
# Fleiss, Cohen and Everitt 1969. Mean over pairs: Light 1971. ICC and F intervals: McGraw and
# Wong 1996. Bootstrap: percentiles over patients, Efron and Tibshirani 1993; expanded percentiles,
# Hesterberg 2015.

tolerances <- c(kappa = 1e-9, icc = 1e-8, bootstrap = 1e-9)
levels_read <- c("L1", "L2", "L3", "L4")
walls <- c("posterior", "anterior")
cells <- paste(rep(levels_read, each = 2), walls, sep = "_")
schemes <- c("none", "linear", "quadratic")

script_folder <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  if (length(file) == 1) dirname(file) else "."
}

# ---- Readings ------------------------------------------------------------------------------------

# The first reading of each case: replicate 1, in the earliest period. Returns one row per reading,
# and matrices with one row per reading: grades, validity and the AAC-8 scores of both walls.
read_readings <- function(path) {
  rows <- read.csv(path, colClasses = "character", encoding = "UTF-8", check.names = FALSE)
  rows <- rows[rows$replicate == "1", ]
  key <- paste(rows$arm, rows$reader, rows$case, sep = "\r")
  period <- as.integer(rows$period)
  period[is.na(period)] <- 0L
  first <- period == ave(period, key, FUN = min)
  rows <- rows[first, ]
  key <- key[first]
  scored <- rows$score != "" & rows$validity %in% c("", "0")
  score <- ifelse(scored, suppressWarnings(as.integer(rows$score)), NA)
  validity <- suppressWarnings(as.integer(rows$validity))
  readings <- rows[!duplicated(key), c("arm", "reader", "case", "patient")]
  number <- match(key, key[!duplicated(key)])
  by_cell <- function(values, names) {
    column <- match(paste(rows$level, rows$wall, sep = "_"), names)
    table <- matrix(NA_integer_, nrow(readings), length(names), dimnames = list(NULL, names))
    known <- !is.na(column)
    table[cbind(number[known], column[known])] <- values[known]
    table
  }
  list(
    readings = readings, grades = by_cell(score, cells), validity = by_cell(validity, cells),
    aac8 = by_cell(score, paste0("all_", walls))
  )
}

# All outcomes: the number of categories, and category numbers from 0 (readings x items).
outcomes_of <- function(data, limits) {
  grades <- data$grades
  total <- rowSums(grades)
  single <- function(values, categories) list(values = cbind(values), categories = categories)
  outcomes <- list(
    cells = list(values = grades, categories = 4),
    readable = list(values = (data$validity == 0) + 0L, categories = 2),
    aac24 = single(total, 25),
    aac_group = single(findInterval(total, limits) + 0 * total, 3)
  )
  for (cell in cells) outcomes[[cell]] <- single(grades[, cell], 4)
  for (level in levels_read) {
    outcomes[[level]] <- single(rowSums(grades[, paste(level, walls, sep = "_")]), 7)
  }
  for (wall in walls) {
    outcomes[[wall]] <- single(rowSums(grades[, paste(levels_read, wall, sep = "_")]), 13)
    outcomes[[paste0("aac8_", wall)]] <- single(data$aac8[, paste0("all_", wall)], 5)
  }
  both <- rowSums(data$aac8)
  outcomes$aac8 <- single(both, 9)
  outcomes$aac8_group <- single((both >= 3) + 0, 2)
  outcomes
}

# The items that two readers both rated in an arm.
items_of_pair <- function(data, outcome, arm, readers) {
  rows <- lapply(readers, function(name) which(data$readings$arm == arm & data$readings$reader == name))
  cases <- lapply(rows, function(row) data$readings$case[row])
  shared <- intersect(cases[[1]], cases[[2]])
  row <- lapply(1:2, function(i) rows[[i]][match(shared, cases[[i]])])
  first <- outcome$values[row[[1]], , drop = FALSE]
  second <- outcome$values[row[[2]], , drop = FALSE]
  rated <- !is.na(first) & !is.na(second)
  patient <- matrix(data$readings$patient[row[[1]]], nrow(first), ncol(first))
  case <- matrix(shared, nrow(first), ncol(first))
  list(
    first = first[rated], second = second[rated], patient = patient[rated],
    cases = length(unique(case[rated])), categories = outcome$categories
  )
}

# ---- Kappa ---------------------------------------------------------------------------------------

agreement_weights <- function(categories, scheme) {
  position <- seq_len(categories) - 1
  distance <- abs(outer(position, position, "-")) / (categories - 1)
  switch(scheme, none = (distance == 0) + 0, linear = 1 - distance, quadratic = 1 - distance^2)
}

# Kappa, and the contribution of each patient to its error (named by patient).
fit_kappa <- function(items, scheme) {
  n <- length(items$first)
  undefined <- list(value = NA_real_, influence = numeric(0))
  if (items$cases < 2) return(undefined)
  weights <- agreement_weights(items$categories, scheme)
  first <- tabulate(items$first + 1, items$categories) / n
  second <- tabulate(items$second + 1, items$categories) / n
  item_agreement <- weights[cbind(items$first + 1, items$second + 1)]
  observed <- mean(item_agreement)
  expected <- sum(weights * outer(first, second))
  if (any(first == 1 & second == 1)) return(undefined)
  patients <- unique(items$patient)
  if (any(first == 1) || any(second == 1)) {
    # One reader used a single score: kappa is 0 and does not vary.
    return(list(value = 0, influence = setNames(numeric(length(patients)), patients)))
  }
  moves_observed <- item_agreement - observed
  moves_expected <- (weights %*% second)[items$first + 1] +
    (first %*% weights)[items$second + 1] - 2 * expected
  influence <- moves_observed / (1 - expected) -
    (1 - observed) * moves_expected / (1 - expected)^2
  sums <- rowsum(influence / n, items$patient)
  list(value = (observed - expected) / (1 - expected), influence = setNames(sums[, 1], rownames(sums)))
}

# Sum of the influence of several kappas by patient, each with its factor.
combine <- function(fits, factors) {
  names <- unlist(lapply(fits, function(fit) names(fit$influence)))
  values <- unlist(Map(function(fit, factor) fit$influence * factor, fits, factors))
  sums <- rowsum(values, names)
  if (nrow(sums) < 2) NA_real_ else sqrt(sum(sums^2))
}

# The value and clustered standard error of a published record, recomputed.
recompute_kappa <- function(record, fit_of, pairs_of) {
  arms <- if (length(record$arms)) record$arms else record$arm
  pairs <- if (length(record$readers) == 2 && !grepl("light|mean", record$statistic)) {
    list(record$readers)
  } else {
    Reduce(intersect, lapply(arms, pairs_of))
  }
  pairs <- Filter(function(pair) all(pair %in% record$readers), pairs)
  fits <- lapply(arms, function(arm) {
    lapply(pairs, function(pair) fit_of(record$outcome, arm, pair, record$weights))
  })
  defined <- Reduce(`&`, lapply(fits, function(of_arm) {
    vapply(of_arm, function(fit) !is.na(fit$value), TRUE)
  }))
  if (!any(defined)) return(c(NA_real_, NA_real_))
  fits <- lapply(fits, function(of_arm) of_arm[defined])
  means <- vapply(fits, function(of_arm) mean(vapply(of_arm, `[[`, 0, "value")), 0)
  signs <- c(1, -1)[seq_along(arms)]
  factors <- rep(signs / sum(defined), each = sum(defined))
  c(sum(signs * means), combine(unlist(fits, recursive = FALSE), factors))
}

# ---- ICC -----------------------------------------------------------------------------------------

# ICC(A,1) or ICC(C,1) of complete cases with its F interval; values: cases x readers.
icc <- function(values, form) {
  undefined <- rep(NA_real_, 3)
  n <- nrow(values)
  k <- ncol(values)
  if (n < 2) return(undefined)
  grand <- mean(values)
  between <- k * sum((rowMeans(values) - grand)^2) / (n - 1)
  readers <- n * sum((colMeans(values) - grand)^2) / (k - 1)
  rest <- values - outer(rowMeans(values), colMeans(values), "+") + grand
  error <- sum(rest^2) / ((n - 1) * (k - 1))
  if (form == "c") {
    value <- (between - error) / (between + (k - 1) * error)
    degrees <- (n - 1) * (k - 1)
    low <- between / error / qf(0.975, n - 1, degrees)
    high <- between / error * qf(0.975, degrees, n - 1)
    return(c(value, (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)))
  }
  value <- (between - error) / (between + (k - 1) * error + k * (readers - error) / n)
  a <- k * value / (n * (1 - value))
  b <- 1 + k * value * (n - 1) / (n * (1 - value))
  degrees <- (a * readers + b * error)^2 /
    ((a * readers)^2 / (k - 1) + (b * error)^2 / ((n - 1) * (k - 1)))
  f_low <- qf(0.975, n - 1, degrees)
  f_high <- qf(0.975, degrees, n - 1)
  scale <- k * readers + (k * n - k - n) * error
  low <- n * (between - f_low * error) / (f_low * scale + n * between)
  high <- n * (f_high * between - error) / (scale + n * f_high * between)
  c(value, low, high)
}

recompute_icc <- function(record, data, outcomes) {
  outcome <- outcomes[[record$outcome]]$values[, 1]
  of_arm <- data$readings$arm == record$arm
  cases <- unique(data$readings$case)
  values <- vapply(record$readers, function(name) {
    row <- which(of_arm & data$readings$reader == name)
    outcome[row][match(cases, data$readings$case[row])]
  }, numeric(length(cases)))
  # With a single case, vapply returns a vector.
  values <- matrix(values, ncol = length(record$readers))
  icc(values[complete.cases(values), , drop = FALSE], sub("icc_(.)_1", "\\1", record$statistic))
}

# ---- Bootstrap -----------------------------------------------------------------------------------

# How often each patient was drawn (resamples x patients).
read_resamples <- function(path) {
  patients <- scan(path, what = "", sep = ",", nlines = 1, quiet = TRUE, encoding = "UTF-8")
  drawn <- scan(path, what = 0, sep = ",", skip = 1, quiet = TRUE)
  matrix(drawn, ncol = length(patients), byrow = TRUE, dimnames = list(NULL, patients))
}

# The kappa of a pair in every resample. Sums over a resample are products with the counts.
resample_kappas <- function(items, scheme, drawn) {
  categories <- items$categories
  disagreement <- 1 - agreement_weights(categories, scheme)
  sums <- rowsum(cbind(
    outer(items$first, seq_len(categories) - 1, "==") + 0,
    outer(items$second, seq_len(categories) - 1, "==") + 0,
    disagreement[cbind(items$first + 1, items$second + 1)]
  ), items$patient)
  totals <- drawn[, rownames(sums), drop = FALSE] %*% sums
  first <- totals[, seq_len(categories), drop = FALSE]
  second <- totals[, categories + seq_len(categories), drop = FALSE]
  n <- rowSums(first)
  chance <- rowSums((first %*% disagreement) * second)
  ifelse(chance > 1e-12, 1 - n * totals[, 2 * categories + 1] / chance, NA)
}

# The percentile and the expanded percentile interval of a record. The latter takes the percentiles
# of +-sqrt(n / (n - 1)) t in a normal distribution, with n the patients of at least one kappa.
recompute_interval <- function(record, kappas_of, fit_of, pairs_of, settings) {
  missing <- rep(NA_real_, 4)
  arms <- if (length(record$arms)) record$arms else record$arm
  several <- grepl("light|mean|group", record$statistic)
  groups <- grepl("group", record$statistic)
  defined <- function(pair, arm) {
    !is.na(fit_of(settings$outcome, arm, pair, settings$weights)$value)
  }
  pairs_of_arm <- lapply(arms, function(arm) {
    pairs <- if (!several) list(record$readers) else if (groups) pairs_of(arm) else
      Reduce(intersect, lapply(arms, pairs_of))
    required <- if (groups) arm else arms
    Filter(function(pair) {
      all(pair %in% record$readers) && all(vapply(required, function(name) defined(pair, name), TRUE))
    }, pairs)
  })
  if (any(lengths(pairs_of_arm) == 0)) return(missing)
  means <- Map(function(arm, pairs) {
    Reduce(`+`, lapply(pairs, function(pair) kappas_of(arm, pair)$kappas)) / length(pairs)
  }, arms, pairs_of_arm)
  patients <- unique(unlist(Map(function(arm, pairs) {
    lapply(pairs, function(pair) kappas_of(arm, pair)$patients)
  }, arms, pairs_of_arm)))
  draws <- if (length(means) == 2) means[[1]] - means[[2]] else means[[1]]
  draws <- draws[!is.na(draws)]
  if (length(draws) < 2) return(missing)
  percentiles <- quantile(draws, c(0.025, 0.975), type = 7)
  n <- length(patients)
  expanded <- if (n < 2) missing[1:2] else {
    tail <- pnorm(-sqrt(n / (n - 1)) * qt(0.975, n - 1))
    quantile(draws, c(tail, 1 - tail), type = 7)
  }
  unname(c(percentiles, expanded))
}

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

compare_kappas <- function(lines, data, outcomes, fit_of, pairs_of) {
  records <- records_of(
    grep("\"replicate\": 1,", lines, value = TRUE, fixed = TRUE),
    c("cohen_kappa", "light_kappa", "kappa_difference", "mean_kappa_difference")
  )
  records <- Filter(function(record) record$outcome %in% names(outcomes), records)
  lapply(records, function(record) {
    mine <- recompute_kappa(record, fit_of, pairs_of)
    list(
      name = paste(record$statistic, record$weights), tolerance = tolerances[["kappa"]],
      difference = max(difference(c(record$value, record$se), mine)), record = record
    )
  })
}

compare_iccs <- function(lines, data, outcomes) {
  records <- records_of(lines, c("icc_a_1", "icc_c_1"))
  records <- Filter(function(record) record$outcome %in% names(outcomes), records)
  lapply(records, function(record) {
    mine <- recompute_icc(record, data, outcomes)
    published <- c(record$value, record$ci)
    # With a note, the published record gives no interval or no value, and says why.
    given <- !is.na(published) | is.na(record$note)
    list(
      name = record$statistic, tolerance = tolerances[["icc"]], record = record,
      difference = max(0, difference(published[given], mine[given]))
    )
  })
}

compare_intervals <- function(lines, data, outcomes, fit_of, pairs_of, drawn, arms) {
  settings <- list(
    outcome = text_field(lines[1], "outcome"), weights = text_field(lines[1], "weights")
  )
  kappas_of <- memoised(function(arm, pair) {
    items <- items_of_pair(data, outcomes[[settings$outcome]], arm, pair)
    list(
      kappas = resample_kappas(items, settings$weights, drawn), patients = unique(items$patient)
    )
  })
  records <- records_of(lines, "[a-z_]+")
  lapply(records, function(record) {
    if (grepl("difference", record$statistic)) record$arms <- arms
    record$outcome <- settings$outcome
    mine <- recompute_interval(record, kappas_of, fit_of, pairs_of, settings)
    list(
      name = paste(record$statistic, "bootstrap"), tolerance = tolerances[["bootstrap"]],
      difference = max(difference(c(record$ci_bootstrap, record$ci_bootstrap_expanded), mine)),
      record = record
    )
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

main <- function(folder) {
  file <- function(name) file.path(folder, name)
  statistics <- readLines(file("statistics.json"), encoding = "UTF-8")
  bootstrap <- readLines(file("bootstrap.json"), encoding = "UTF-8")
  data <- read_readings(file("readings.csv"))
  outcomes <- outcomes_of(data, numbers_field(statistics[1], "group_limits", 2))
  pairs_of <- memoised(function(arm) {
    # Compared as text by code point, whatever the locale.
    readers <- sort(unique(data$readings$reader[data$readings$arm == arm]), method = "radix")
    if (length(readers) < 2) return(list())
    pairs <- combn(readers, 2, simplify = FALSE)
    Filter(function(pair) {
      of_reader <- function(name) {
        data$readings$case[data$readings$arm == arm & data$readings$reader == name]
      }
      length(intersect(of_reader(pair[1]), of_reader(pair[2]))) > 0
    }, pairs)
  })
  fit_of <- memoised(function(outcome, arm, pair, scheme) {
    fit_kappa(items_of_pair(data, outcomes[[outcome]], arm, pair), scheme)
  })
  results <- c(
    compare_kappas(statistics, data, outcomes, fit_of, pairs_of),
    compare_iccs(statistics, data, outcomes),
    compare_intervals(
      bootstrap, data, outcomes, fit_of, pairs_of, read_resamples(file("resamples.csv")),
      texts_field(statistics[1], "compared")
    )
  )
  if (!length(results)) stop("statistics.json contains no statistic that this script recomputes.")
  if (print_table(results) > 0) 1 else 0
}

arguments <- commandArgs(trailingOnly = TRUE)
quit(status = main(if (length(arguments)) arguments[1] else script_folder()))
