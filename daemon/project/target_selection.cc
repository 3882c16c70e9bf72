#include "daemon/project/target_selection.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/text.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/git_facts.h"
#include "daemon/project/target_fields.h"
#include "daemon/project/target_filter.h"

namespace nopo {
namespace {

// Another name of the root, for its image, unless a target has it.
constexpr absl::string_view kBaseName = "base";

constexpr size_t kMostNames = 20;  // That a message lists.

// The nearest of `names`; where none is near, which there are.
std::string Suggestion(const std::string& name, const std::vector<std::string>& names) {
  std::string nearest = DidYouMean(name, names);
  if (!nearest.empty()) return nearest;
  const size_t shown = std::min(names.size(), kMostNames);
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string all = absl::StrCat("; targets are ", absl::StrJoin(names.begin(), end, ", "));
  if (shown < names.size()) absl::StrAppend(&all, " and ", names.size() - shown, " more");
  return all;
}

absl::StatusOr<const Target*> FindNamed(const Project& project, const std::string& name,
                                        const std::filesystem::path& working_dir) {
  if (name == ".") {
    const Target* target = project.TargetContaining(working_dir);
    if (target != nullptr) return target;
    return MakeError(absl::StatusCode::kNotFound, Reason::kBadArguments,
                     absl::StrCat("'.' is no target here: ", working_dir.native(),
                                  " is outside of the project ", project.root.native()));
  }
  if (const Target* target = project.FindTarget(name)) return target;
  if (absl::EqualsIgnoreCase(name, kBaseName)) return &project.root_target;
  std::vector<std::string> names = project.TargetIds();
  names.push_back(project.root_name);
  return MakeError(absl::StatusCode::kNotFound, Reason::kBadArguments,
                   absl::StrCat("unknown target ", Quoted(name), Suggestion(name, names)));
}

std::vector<const Target*> AllTargets(const Project& project) {
  std::vector<const Target*> targets;
  for (const Target& target : project.targets) targets.push_back(&target);
  if (!project.root_target.commands.empty()) targets.push_back(&project.root_target);
  return targets;
}

absl::StatusOr<std::vector<const Target*>> Candidates(const Project& project,
                                                      const TargetSelection& selection) {
  if (selection.names.empty()) return AllTargets(project);
  std::set<const Target*> targets;
  for (const std::string& name : selection.names) {
    NOPO_ASSIGN_OR_RETURN(const Target* target, FindNamed(project, name, selection.working_dir));
    targets.insert(target);
  }
  return std::vector<const Target*>(targets.begin(), targets.end());
}

absl::StatusOr<std::vector<std::string>> ParseTags(const std::vector<std::string>& texts) {
  std::vector<std::string> tags;
  for (const std::string& text : texts) {
    for (const absl::string_view part : absl::StrSplit(text, ',')) {
      const absl::string_view tag = absl::StripAsciiWhitespace(part);
      if (tag.empty()) {
        return MakeError(
            absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
            absl::StrCat("--tags: found ", Quoted(text), "; expected tags separated by commas"));
      }
      tags.emplace_back(tag);
    }
  }
  return tags;
}

bool HasAnyTag(const Target& target, const std::vector<std::string>& tags) {
  return tags.empty() || std::find_first_of(target.tags.begin(), target.tags.end(), tags.begin(),
                                            tags.end()) != target.tags.end();
}

}  // namespace

absl::StatusOr<std::vector<const Target*>> SelectTargets(const Project& project,
                                                         const TargetSelection& selection) {
  NOPO_ASSIGN_OR_RETURN(std::vector<TargetFilter> filters, ParseFilters(selection.filters));
  for (const TargetFilter& filter : filters) {
    NOPO_RETURN_IF_ERROR(CheckCommandField(project, filter.field));
  }
  NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> tags, ParseTags(selection.tags));
  NOPO_ASSIGN_OR_RETURN(std::vector<const Target*> targets, Candidates(project, selection));

  const auto needs_changes = [](const TargetFilter& filter) { return filter.NeedsChanges(); };
  bool compares = std::any_of(filters.begin(), filters.end(), needs_changes);
  if (!selection.since.empty() && !compares) {
    filters.push_back({TargetFilter::Kind::kChanged, false, "", ""});
    compares = true;
  }
  ChangedTargets changes;
  if (compares) {
    NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> files,
                          ChangedFiles(project.root, selection.since, selection.environment));
    changes = FindChangedTargets(project, files);
  }
  std::erase_if(targets, [&](const Target* target) {
    return !HasAnyTag(*target, tags) ||
           !std::all_of(filters.begin(), filters.end(), [&](const TargetFilter& filter) {
             return Matches(filter, *target, changes);
           });
  });
  std::sort(targets.begin(), targets.end(),
            [](const Target* a, const Target* b) { return a->id < b->id; });
  return targets;
}

}  // namespace nopo
