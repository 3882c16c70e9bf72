// Filter expressions: which targets `--filter` means.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/project.h"

namespace nopo {

// One expression: a preset, FIELD or FIELD=VALUE, each maybe negated by "!".
struct TargetFilter {
  enum class Kind { kBuildable, kChanged, kAffected, kPackage, kService, kExists, kEquals };
  Kind kind = Kind::kExists;
  bool negated = false;
  std::string field;  // kExists, kEquals: dotted.
  std::string value;  // kEquals.

  bool NeedsChanges() const { return kind == Kind::kChanged || kind == Kind::kAffected; }
};

// Splits each of `texts` at its commas.
//
// Errors (BAD_ARGUMENTS): INVALID_ARGUMENT for an empty expression or an unknown field.
absl::StatusOr<std::vector<TargetFilter>> ParseFilters(const std::vector<std::string>& texts);

// Which targets differ from some other state of the repository; sorted ids.
struct ChangedTargets {
  std::vector<std::string> changed;
  std::vector<std::string>
      affected;  // `changed` and what depends on it, by any kind of dependency.
};

// `files` are relative to the project's root.
ChangedTargets FindChangedTargets(const Project& project, const std::vector<std::string>& files);

// Presets and fields: what an expression may begin with.
std::vector<std::string> FilterTerms();

bool Matches(const TargetFilter& filter, const Target& target, const ChangedTargets& changes);

}  // namespace nopo
