// The fields of a target by name, as filters and `nopo list --json` know them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/project/project.h"

namespace nopo {

// "service" or "package"; the root counts as a package.
absl::string_view TypeName(const Target& target);
// Service-level, build and start dependencies, in that order, each target once.
std::vector<std::string> AllDependencies(const Target& target);

// `path` is dotted: "infrastructure.cpu", "commands.check.py". Its first component is a key of
// nopo.yml or of the JSON, the others are keys below; camelCase spellings of the infrastructure's
// keys will do too.
bool IsKnownField(absl::string_view path);
// Errors: BAD_ARGUMENTS for a `path` like "commands.test.context", unless a command has that name.
absl::Status CheckCommandField(const Project& project, absl::string_view path);
// Names for "did you mean".
const std::vector<std::string>& KnownFields();

// Booleans exist when they are true; texts, lists and maps when they are not empty.
bool FieldExists(const Target& target, absl::string_view path);
// The scalar's spelling is `value`; or the list contains it; or the map has that key.
bool FieldEquals(const Target& target, absl::string_view path, absl::string_view value);

}  // namespace nopo
