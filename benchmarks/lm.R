# R's lm on the problems in a folder, at two tolerances. Rscript lm.R FOLDER
# NAME.f64 holds little-endian doubles: rows, columns, 1 for an intercept or 0, X column by column, y.
# Prints R's version, then a line per problem and tolerance: name, tolerance, theta and standard errors, as exact hex.
cat(R.version.string, "\n", sep = "")
exact <- function(v) paste(ifelse(is.na(v), "NA", sprintf("%a", v)), collapse = " ")
for (path in list.files(commandArgs(TRUE)[1], pattern = "[.]f64$", full.names = TRUE)) {
  v <- readBin(path, "double", file.size(path) / 8, endian = "little")
  n <- v[1]; d <- v[2]
  X <- matrix(v[3 + seq_len(n * d)], n, d)
  y <- v[3 + n * d + seq_len(n)]
  for (tol in c(1e-7, 1e-12)) {  # 1e-7 is lm's default
    fitted <- if (v[3] == 1) lm(y ~ X, tol = tol) else lm(y ~ X - 1, tol = tol)
    theta <- coef(fitted)
    stderr <- rep(NA, length(theta))
    stderr[!is.na(theta)] <- suppressWarnings(coef(summary(fitted)))[, 2]
    cat(sub("[.]f64$", "", basename(path)), tol, exact(theta), exact(stderr), sep = ";")
    cat("\n")
  }
}
