# biglm over a file, a chunk at a time. Rscript biglm.R FOLDER ROWS COLUMNS CHUNK
# FOLDER holds X.npy and y.npy, little-endian doubles, row by row, behind numpy's header.
# Prints JSON: the seconds that the pass took, and the coefficients, the intercept's first.
suppressMessages(library(biglm))
args <- commandArgs(TRUE)
n <- as.numeric(args[2]); d <- as.integer(args[3]); chunk <- as.integer(args[4])
opened <- function(name) {
  file <- file(file.path(args[1], name), "rb")
  start <- readBin(file, "raw", 10)  # magic, version, and the length of the header in two bytes
  readBin(file, "raw", as.integer(start[9]) + 256L * as.integer(start[10]))
  file
}
form <- as.formula(paste("y ~", paste0("x", seq_len(d), collapse = " + ")))
began <- proc.time()[["elapsed"]]
X <- opened("X.npy"); y <- opened("y.npy"); model <- NULL; left <- n
while (left > 0) {
  rows <- min(chunk, left)
  part <- as.data.frame(matrix(readBin(X, "double", rows * d, endian = "little"), rows, d, byrow = TRUE))
  names(part) <- paste0("x", seq_len(d))
  part$y <- readBin(y, "double", rows, endian = "little")
  model <- if (is.null(model)) biglm(form, part) else update(model, part)
  left <- left - rows
}
theta <- coef(model)
took <- proc.time()[["elapsed"]] - began
cat(sprintf('{"seconds": %.6f, "answer": [%s]}\n', took, paste(sprintf("%.17g", theta), collapse = ", ")))
