# The statistics of a VerteRead study in base R, from published formulas and the tidy CSV.
#
# reproduce.R compares them with the published ones. None of VerteRead's code is used.
#
# Kappa with agreement weights: Cohen 1968. Its standard error is the delta method (infinitesimal
# jackknife), with the contributions summed per patient; with one item per patient it is that of
# Fleiss, Cohen and Everitt 1969. Mean over pairs: Light 1971. ICC and F intervals: McGraw and
# Wong 1996. Bootstrap over patients: percentiles and BCa, Efron and Tibshirani 1993, chapters 13
# and 14; expanded percentiles, Hesterberg 2015.

# Differences below this are rounding errors: replicates this close to each other are tied.
rounding <- 1e-12

levels_read <- c("L1", "L2", "L3", "L4")
walls <- c("posterior", "anterior")
cells <- paste(rep(levels_read, each = 2), walls, sep = "_")
schemes <- c("none", "linear", "quadratic")

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

# The sums by patient that the kappa of a pair depends on: both margins and the disagreement.
kappa_sums <- function(items, scheme) {
  categories <- items$categories
  disagreement <- 1 - agreement_weights(categories, scheme)
  rowsum(cbind(
    outer(items$first, seq_len(categories) - 1, "==") + 0,
    outer(items$second, seq_len(categories) - 1, "==") + 0,
    disagreement[cbind(items$first + 1, items$second + 1)]
  ), items$patient)
}

# Kappa from such sums (samples x sums).
kappa_of_sums <- function(sums, scheme) {
  categories <- (ncol(sums) - 1) / 2
  disagreement <- 1 - agreement_weights(categories, scheme)
  first <- sums[, seq_len(categories), drop = FALSE]
  second <- sums[, categories + seq_len(categories), drop = FALSE]
  chance <- rowSums((first %*% disagreement) * second)
  ifelse(chance > rounding, 1 - rowSums(first) * sums[, 2 * categories + 1] / chance, NA_real_)
}

# ---- ICC -----------------------------------------------------------------------------------------

# ICC(A,1) or ICC(C,1) of the complete cases with its F interval; values: cases x readers.
icc <- function(values, form) {
  values <- values[complete.cases(values), , drop = FALSE]
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

# The totals of readers in an arm (cases x readers), and the patient of each case.
totals_of <- function(data, outcome, arm, readers) {
  of_arm <- data$readings$arm == arm
  cases <- unique(data$readings$case)
  values <- vapply(readers, function(name) {
    row <- which(of_arm & data$readings$reader == name)
    outcome$values[row, 1][match(cases, data$readings$case[row])]
  }, numeric(length(cases)))
  # With a single case, vapply returns a vector.
  list(
    values = matrix(values, ncol = length(readers)),
    patient = data$readings$patient[match(cases, data$readings$case)]
  )
}

# Sums by patient that the ICC of two readers depends on, from the complete cases: their number,
# the means and the differences of both totals, and the squares of these.
icc_sums <- function(values, patient) {
  apart <- values[, 1] - values[, 2]
  middle <- rowMeans(values)
  middle <- middle - round(mean(middle))
  rowsum(cbind(1, middle, middle^2, apart, apart^2), patient)
}

# ICC(A,1) or ICC(C,1) of two readers from such sums (samples x 5), and its parts.
icc_of_sums <- function(sums, form) {
  n <- sums[, 1]
  between <- 2 * (sums[, 3] - sums[, 2]^2 / n) / (n - 1)
  error <- (sums[, 5] - sums[, 4]^2 / n) / 2 / (n - 1)
  readers <- sums[, 4]^2 / (2 * n)
  below <- between + error + if (form == "a") 2 * (readers - error) / n else 0
  floor <- rounding * (2 * sums[, 3] + sums[, 5] / 2)
  value <- ifelse(n > 1 & below > floor, (between - error) / below, NA_real_)
  list(value = value, between = between, error = error, readers = readers, below = below)
}

# ICC of two readers, and the derivative of the ICC by the weight of each patient.
fit_icc <- function(totals, form) {
  complete <- complete.cases(totals$values)
  values <- totals$values[complete, , drop = FALSE]
  patient <- totals$patient[complete]
  n <- nrow(values)
  if (n < 2) return(list(value = NA_real_, influence = numeric(0)))
  sums <- icc_sums(values, patient)
  parts <- icc_of_sums(rbind(colSums(sums)), form)
  apart <- values[, 1] - values[, 2]
  middle <- rowMeans(values)
  # By the product rule; the weight of a case enters the means, the squares and n.
  d_between <- 2 * (middle - mean(middle))^2 / (n - 1) - parts$between / (n - 1)
  d_error <- (apart - mean(apart))^2 / 2 / (n - 1) - parts$error / (n - 1)
  d_readers <- mean(apart)^2 / 2 + mean(apart) * (apart - mean(apart))
  d_below <- d_between + d_error
  if (form == "a") {
    d_below <- d_below + 2 * (d_readers - d_error) / n - 2 * (parts$readers - parts$error) / n^2
  }
  influence <- (d_between - d_error - parts$value * d_below) / parts$below
  of_patient <- rowsum(influence, patient)
  list(
    value = unname(parts$value), sums = sums,
    influence = setNames(of_patient[, 1], rownames(of_patient))
  )
}

# ---- Means over pairs, and differences between arms --------------------------------------------

# The arms of a record with their pairs of readers: one side, or minuend and subtrahend. Two arms
# are compared within the pairs that read in both, or between two groups of readers that have no
# reader in common. Pairs without a value are left out; no sides if a side has no pair left.
sides_of <- function(record, fit_of, pairs_of) {
  arms <- if (length(record$arms)) record$arms else record$arm
  several <- grepl("light|mean|group", record$statistic)
  pairs <- if (several) lapply(arms, pairs_of) else rep(list(list(record$readers)), length(arms))
  pairs <- lapply(pairs, function(of_arm) {
    Filter(function(pair) all(pair %in% record$readers), of_arm)
  })
  shared <- Reduce(intersect, pairs)
  readers <- lapply(pairs, unlist)
  separate <- grepl("group|contrast", record$statistic) && !length(shared) &&
    !length(Reduce(intersect, readers))
  defined <- function(arm, pair) !is.na(fit_of(arm, pair)$value)
  sides <- Map(function(arm, of_arm) {
    required <- if (separate) arm else arms
    list(arm = arm, pairs = Filter(function(pair) {
      all(vapply(required, defined, TRUE, pair = pair))
    }, if (separate) of_arm else shared))
  }, arms, pairs)
  if (all(vapply(sides, function(side) length(side$pairs) > 0, TRUE))) unname(sides) else list()
}

# Applies a function to each pair; returns the mean over pairs, or the difference of two means.
over_sides <- function(sides, value_of) {
  means <- lapply(sides, function(side) {
    Reduce(`+`, lapply(side$pairs, function(pair) value_of(side$arm, pair))) / length(side$pairs)
  })
  if (length(means) == 2) means[[1]] - means[[2]] else means[[1]]
}

# Value and standard error: the root of the sum of the squared influence of each patient.
estimate_of <- function(record, fit_of, pairs_of) {
  sides <- sides_of(record, fit_of, pairs_of)
  if (!length(sides)) return(c(NA_real_, NA_real_))
  patients <- patients_of(sides, fit_of)
  influence <- over_sides(sides, function(arm, pair) {
    spread(fit_of(arm, pair)$influence, patients, 0)
  })
  se <- if (length(patients) < 2) NA_real_ else sqrt(sum(influence^2))
  c(over_sides(sides, function(arm, pair) fit_of(arm, pair)$value), se)
}

# The patients who contribute to at least one of the pairs.
patients_of <- function(sides, fit_of) {
  unique(unlist(lapply(sides, function(side) {
    lapply(side$pairs, function(pair) names(fit_of(side$arm, pair)$influence))
  })))
}

# Named values of some patients as a vector of all patients.
spread <- function(values, patients, other) {
  every <- setNames(rep(other, length(patients)), patients)
  every[names(values)] <- values
  every
}

# Two-sided p-value of the Wald test that a difference is 0; none without a standard error.
wald_p <- function(estimate) {
  if (anyNA(estimate) || estimate[2] < rounding) NA_real_ else
    2 * pnorm(-abs(estimate[1] / estimate[2]))
}

# ---- Bootstrap -----------------------------------------------------------------------------------

# How often each patient was drawn (resamples x patients).
read_resamples <- function(path) {
  patients <- scan(path, what = "", sep = ",", nlines = 1, quiet = TRUE, encoding = "UTF-8")
  drawn <- scan(path, what = 0, sep = ",", skip = 1, quiet = TRUE)
  matrix(drawn, ncol = length(patients), byrow = TRUE, dimnames = list(NULL, patients))
}

# A statistic in every resample, and with each patient left out, from its sums by patient. A patient
# without any item does not change it.
resample <- function(sums, drawn, of_sums) {
  every <- colSums(sums)
  left_out <- setNames(of_sums(sweep(-sums, 2, every, "+")), rownames(sums))
  list(
    draws = of_sums(drawn[, rownames(sums), drop = FALSE] %*% sums),
    left_out = spread(left_out, colnames(drawn), of_sums(rbind(every)))
  )
}

# The percentile, the expanded percentile and the BCa interval of a record.
intervals_of <- function(record, fit_of, resampled_of, pairs_of) {
  missing <- rep(NA_real_, 6)
  sides <- sides_of(record, fit_of, pairs_of)
  if (!length(sides)) return(missing)
  draws <- over_sides(sides, function(arm, pair) resampled_of(arm, pair)$draws)
  draws <- draws[!is.na(draws)]
  if (length(draws) < 2) return(missing)
  patients <- patients_of(sides, fit_of)
  left_out <- over_sides(sides, function(arm, pair) resampled_of(arm, pair)$left_out)[patients]
  value <- over_sides(sides, function(arm, pair) fit_of(arm, pair)$value)
  unname(c(
    quantile(draws, c(0.025, 0.975), type = 7), expanded(draws, length(patients)),
    bca(draws, value, left_out[!is.na(left_out)])
  ))
}

# The percentile interval of a mean over pairs, or of a difference of two means, with readers
# resampled as well as patients; drawn_readers: how often each reader was drawn (resamples x columns
# such as n4_g0_r1, the first of four readers). Both arms of a difference have the same readers,
# group 0; two groups of readers are drawn independently. A pair counts as often as both of its
# readers were drawn.
interval_over_readers <- function(record, fit_of, resampled_of, pairs_of, drawn_readers) {
  missing <- c(NA_real_, NA_real_)
  sides <- sides_of(record, fit_of, pairs_of)
  names_of <- lapply(sides, function(side) sort(unique(unlist(side$pairs)), method = "radix"))
  if (!length(sides) || any(lengths(names_of) < 3)) return(missing)
  groups <- if (grepl("group", record$statistic)) seq_along(sides) else 0 * seq_along(sides)
  means <- Map(function(side, readers, group) {
    n <- length(readers)
    columns <- sprintf("n%d_g%d_r%d", n, as.integer(group), seq_len(n))
    counts <- drawn_readers[, columns, drop = FALSE]
    colnames(counts) <- readers
    total <- weights <- 0
    for (pair in side$pairs) {
      times <- counts[, pair[1]] * counts[, pair[2]]
      # A kappa that is undefined in a resample only matters if the pair was drawn.
      total <- total + ifelse(times > 0, times * resampled_of(side$arm, pair)$draws, 0)
      weights <- weights + times
    }
    total / weights
  }, sides, names_of, groups)
  draws <- if (length(means) == 2) means[[1]] - means[[2]] else means[[1]]
  draws <- draws[!is.na(draws)]
  if (length(draws) < 2) missing else unname(quantile(draws, c(0.025, 0.975), type = 7))
}

# The percentiles of +-sqrt(n / (n - 1)) t in a standard normal distribution.
expanded <- function(draws, n) {
  if (n < 2) return(c(NA_real_, NA_real_))
  tail <- pnorm(-sqrt(n / (n - 1)) * qt(0.975, n - 1))
  quantile(draws, c(tail, 1 - tail), type = 7)
}

# Bias corrected by the share of replicates below the value (ties count half), accelerated by the
# skewness of the values with each patient left out.
bca <- function(draws, value, left_out) {
  missing <- c(NA_real_, NA_real_)
  if (length(left_out) < 2 || max(draws) - min(draws) <= rounding) return(missing)
  below <- mean(draws < value - rounding) / 2 + mean(draws <= value + rounding) / 2
  if (below <= 0 || below >= 1) return(missing)
  gaps <- mean(left_out) - left_out
  skew <- if (max(abs(gaps)) <= rounding) 0 else sum(gaps^3) / (6 * sum(gaps^2)^1.5)
  bias <- qnorm(below)
  moved <- bias + qnorm(c(0.025, 0.975))
  quantile(draws, pnorm(bias + moved / (1 - skew * moved)), type = 7)
}
