// Early return on errors, so that the good path of a function reads straight down.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expr` is not OK.
#define NOPO_RETURN_IF_ERROR(expr)                                                \
  do {                                                                            \
    if (absl::Status nopo_status = (expr); !nopo_status.ok()) return nopo_status; \
  } while (false)

#define NOPO_CONCAT_INNER_(a, b) a##b
#define NOPO_CONCAT_(a, b) NOPO_CONCAT_INNER_(a, b)

// Evaluates `expr` (an absl::StatusOr), returns its error or assigns its value to `lhs`, which may
// declare a variable. Expands to several statements: not for use as the body of an `if`.
#define NOPO_ASSIGN_OR_RETURN(lhs, expr) \
  NOPO_ASSIGN_OR_RETURN_(NOPO_CONCAT_(nopo_status_or_, __LINE__), lhs, expr)
#define NOPO_ASSIGN_OR_RETURN_(var, lhs, expr)   \
  auto var = (expr);                             \
  if (!var.ok()) return std::move(var).status(); \
  lhs = *std::move(var)
