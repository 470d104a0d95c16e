# R's inference on the problems in a folder, from lm at its defaults. Rscript inference.R FOLDER
# NAME.f64 as linreg_nb.audit writes it for lm. Prints R's version, then a line per problem and quantity: name, quantity, values as exact hex.
cat(R.version.string, "\n", sep = "")
exact <- function(v) paste(ifelse(is.na(v), "NA", sprintf("%a", as.numeric(v))), collapse = " ")
for (path in list.files(commandArgs(TRUE)[1], pattern = "[.]f64$", full.names = TRUE)) {
  v <- readBin(path, "double", file.size(path) / 8, endian = "little")
  n <- v[1]; d <- v[2]
  data <- as.data.frame(matrix(v[3 + seq_len(n * d)], n, d))
  data$y <- v[3 + n * d + seq_len(n)]
  m <- if (v[3] == 1) lm(y ~ ., data) else lm(y ~ . - 1, data)
  if (anyNA(coef(m))) { cat(sub("[.]f64$", "", basename(path)), "theta", "NA\n", sep = ";"); next }
  s <- suppressWarnings(summary(m))
  p <- length(coef(m)); q <- min(2, d); f <- s$fstatistic; k <- p - q + seq_len(q)
  miss <- coef(m)[k] - 0.1
  wald <- drop(miss %*% solve(vcov(m)[k, k], miss)) / q
  inner <- predict(m, head(data, 4), interval = "confidence")
  outer <- suppressWarnings(predict(m, head(data, 4), interval = "prediction"))
  X <- model.matrix(m); e <- residuals(m); h <- hatvalues(m)
  sandwich <- function(a) sqrt(diag(s$cov.unscaled %*% crossprod(X * (e * sqrt(a))) %*% s$cov.unscaled))
  found <- list(theta = coef(m), stderr = s$coefficients[, 2], cov = vcov(m), t = s$coefficients[, 3], p_values = s$coefficients[, 4],
                conf_int = t(confint(m, level = 0.9)), sigma = s$sigma, f = f[1], f_p_value = pf(f[1], f[2], f[3], lower.tail = FALSE),
                r_squared = s$r.squared, adj_r_squared = s$adj.r.squared, log_likelihood = logLik(m), aic = AIC(m) - 2,
                bic = BIC(m) - log(n), confidence = t(inner), prediction = t(outer[, 2:3]), test = wald,
                test_p = pf(wald, q, n - p, lower.tail = FALSE), HC0 = sandwich(1), HC1 = sandwich(n / (n - p)),
                HC2 = sandwich(1 / (1 - h)), HC3 = sandwich(1 / (1 - h)^2))
  for (name in names(found)) cat(sub("[.]f64$", "", basename(path)), name, exact(found[[name]]), sep = ";", "\n")
}
