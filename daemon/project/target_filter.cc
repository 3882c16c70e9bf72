#include "daemon/project/target_filter.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/text.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/target_fields.h"

namespace nopo {
namespace {

constexpr std::array<std::pair<absl::string_view, TargetFilter::Kind>, 5> kPresets = {{
    {"buildable", TargetFilter::Kind::kBuildable},
    {"changed", TargetFilter::Kind::kChanged},
    {"affected", TargetFilter::Kind::kAffected},
    {"package", TargetFilter::Kind::kPackage},
    {"service", TargetFilter::Kind::kService},
}};

// A change to one of these at the root may change what every target is made of.
constexpr std::array<absl::string_view, 16> kFilesOfEveryTarget = {
    "nopo.yml",    "pnpm-lock.yaml", "package-lock.json", "npm-shrinkwrap.json",
    "yarn.lock",   "bun.lock",       "bun.lockb",         "uv.lock",
    "poetry.lock", "Pipfile.lock",   "requirements.txt",  "Cargo.lock",
    "go.sum",      "Gemfile.lock",   "composer.lock",     "deno.lock"};

std::optional<TargetFilter::Kind> PresetOf(absl::string_view text) {
  for (const auto& [name, kind] : kPresets) {
    if (text == name || (absl::ConsumeSuffix(&text, "s") && text == name)) return kind;
  }
  return std::nullopt;
}

absl::Status Malformed(absl::string_view text, absl::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                   absl::StrCat("--filter: found ", Quoted(text), what));
}

absl::StatusOr<TargetFilter> ParseFilter(absl::string_view text) {
  constexpr absl::string_view kExpected =
      "; expected a preset (buildable, changed, affected, package, service), FIELD, !FIELD or "
      "FIELD=VALUE";
  TargetFilter filter;
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  filter.negated = absl::ConsumePrefix(&rest, "!");
  if (const auto kind = PresetOf(rest)) {
    filter.kind = *kind;
    return filter;
  }
  const size_t equals = rest.find('=');
  filter.field = std::string(absl::StripAsciiWhitespace(rest.substr(0, equals)));
  if (filter.field.empty()) return Malformed(text, kExpected);
  if (equals != absl::string_view::npos) {
    filter.kind = TargetFilter::Kind::kEquals;
    filter.value = std::string(absl::StripAsciiWhitespace(rest.substr(equals + 1)));
  }
  if (IsKnownField(filter.field)) return filter;
  if (PresetOf(filter.field).has_value()) {
    return Malformed(text, absl::StrCat("; ", Quoted(filter.field), " takes no value"));
  }
  return Malformed(text, absl::StrCat(", whose field is unknown",
                                      DidYouMean(filter.field, FilterTerms()), kExpected));
}

// Answers which directories a set of changed files touches, in time that does not depend on how
// many there are.
class TouchedDirectories {
 public:
  explicit TouchedDirectories(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      const absl::string_view name = absl::StripSuffix(file, "/");
      files_.insert(name);
      for (size_t at = name.find('/'); at != name.npos; at = name.find('/', at + 1)) {
        parents_.insert(name.substr(0, at));
      }
    }
  }

  // Something in `directory` changed, or it is part of what git shows as one: a submodule or a
  // repository of its own.
  bool Has(absl::string_view directory) const {
    if (parents_.contains(directory) || files_.contains(directory)) return true;
    for (size_t at = directory.find('/'); at != directory.npos; at = directory.find('/', at + 1)) {
      if (files_.contains(directory.substr(0, at))) return true;
    }
    return false;
  }

 private:
  absl::flat_hash_set<absl::string_view> files_, parents_;  // Views of the given texts.
};

// Ids of targets that `target` depends on in any way.
std::set<std::string> EveryDependency(const Target& target) {
  const std::vector<std::string> declared = AllDependencies(target);
  std::set<std::string> names(declared.begin(), declared.end());
  for (const Command& command : target.commands) {
    if (!command.dependencies.has_value()) continue;
    for (const Dependency& dependency : *command.dependencies) names.insert(dependency.target);
  }
  return names;
}

std::vector<std::string> WithDependents(const Project& project,
                                        const std::vector<std::string>& changed) {
  std::map<std::string, std::vector<std::string>> dependents;
  const auto add = [&](const Target& target) {
    for (const std::string& name : EveryDependency(target)) dependents[name].push_back(target.id);
  };
  for (const Target& target : project.targets) add(target);
  add(project.root_target);
  std::set<std::string> affected(changed.begin(), changed.end());
  std::vector<std::string> pending = changed;
  while (!pending.empty()) {
    const std::string name = std::move(pending.back());
    pending.pop_back();
    for (const std::string& dependent : dependents[name]) {
      if (affected.insert(dependent).second) pending.push_back(dependent);
    }
  }
  return {affected.begin(), affected.end()};
}

}  // namespace

std::vector<std::string> FilterTerms() {
  std::vector<std::string> terms;
  for (const auto& [name, kind] : kPresets) terms.emplace_back(name);
  terms.insert(terms.end(), KnownFields().begin(), KnownFields().end());
  return terms;
}

absl::StatusOr<std::vector<TargetFilter>> ParseFilters(const std::vector<std::string>& texts) {
  std::vector<TargetFilter> filters;
  for (const std::string& text : texts) {
    for (const absl::string_view expression : absl::StrSplit(text, ',')) {
      NOPO_ASSIGN_OR_RETURN(TargetFilter filter, ParseFilter(expression));
      filters.push_back(std::move(filter));
    }
  }
  return filters;
}

ChangedTargets FindChangedTargets(const Project& project, const std::vector<std::string>& files) {
  const bool all = std::any_of(files.begin(), files.end(), [](const std::string& file) {
    return std::find(kFilesOfEveryTarget.begin(), kFilesOfEveryTarget.end(), file) !=
           kFilesOfEveryTarget.end();
  });
  const TouchedDirectories touched(files);
  ChangedTargets changes;
  for (const Target& target : project.targets) {
    if (all || touched.Has(target.path)) changes.changed.push_back(target.id);
  }
  if (!files.empty()) changes.changed.push_back(project.root_target.id);
  std::sort(changes.changed.begin(), changes.changed.end());
  changes.affected = WithDependents(project, changes.changed);
  return changes;
}

bool Matches(const TargetFilter& filter, const Target& target, const ChangedTargets& changes) {
  const auto is_in = [&](const std::vector<std::string>& ids) {
    return std::binary_search(ids.begin(), ids.end(), target.id);
  };
  bool matches = false;
  switch (filter.kind) {
    case TargetFilter::Kind::kBuildable:
      matches = target.Buildable();
      break;
    case TargetFilter::Kind::kChanged:
      matches = is_in(changes.changed);
      break;
    case TargetFilter::Kind::kAffected:
      matches = is_in(changes.affected);
      break;
    case TargetFilter::Kind::kPackage:
      matches = target.kind != TargetKind::kService;
      break;
    case TargetFilter::Kind::kService:
      matches = target.kind == TargetKind::kService;
      break;
    case TargetFilter::Kind::kExists:
      matches = FieldExists(target, filter.field);
      break;
    case TargetFilter::Kind::kEquals:
      matches = FieldEquals(target, filter.field, filter.value);
      break;
  }
  return matches != filter.negated;
}

}  // namespace nopo
