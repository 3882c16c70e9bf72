// Reads `.env` files.
//
// The syntax is that of Compose: KEY=VALUE lines, `export`, comments, single quotes (literal) and
// double quotes (with escapes), both of which may span lines. Nothing is interpolated.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/project.h"

namespace nopo {

struct Dotenv {
  std::filesystem::path path;
  EnvironmentMap user;         // Outside of nopo's block.
  EnvironmentMap block;        // Between "# nopo: begin" and "# nopo: end".
  EnvironmentMap All() const;  // The user's win.
};

// Errors: INVALID_ARGUMENT (CONFIGURATION), the message starting "file:line: ".
absl::StatusOr<Dotenv> ParseDotenv(absl::string_view text, const std::string& file);

// The project's file: environment["ENV_FILE"] (from the project's root), else ".env". A missing
// file is an empty one.
//
// Errors: as above, and PERMISSION_DENIED (PERMISSION).
absl::StatusOr<Dotenv> LoadDotenv(const Project& project, const EnvironmentMap& environment);

}  // namespace nopo
