#include "daemon/build/cache_settings.h"

#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr char kTargetMark[] = "{target}";

absl::Status BadEntry(absl::string_view source, absl::string_view entry,
                      absl::string_view problem) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
      absl::StrCat(source, ": '", entry, "': ", problem,
                   "; accepted is type=registry|local|gha|inline|s3|azblob,KEY=VALUE,..."));
}

absl::StatusOr<CacheEntry> ParseEntry(absl::string_view text, absl::string_view source) {
  CacheEntry entry;
  const std::vector<absl::string_view> fields = absl::StrSplit(text, ',');
  if (fields.size() == 1 && !absl::StrContains(text, "=")) {
    return CacheEntry{.type = "registry", .attrs = {{"ref", std::string(text)}}};
  }
  for (const absl::string_view field : fields) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(field, absl::MaxSplits('=', 1));
    const std::string key = absl::AsciiStrToLower(absl::StripAsciiWhitespace(pair.first));
    if (key.empty() || !absl::StrContains(field, "=")) {
      return BadEntry(source, text, absl::StrCat("'", field, "' is not of the form KEY=VALUE"));
    }
    if (key == "type") {
      entry.type = pair.second;
    } else if (!entry.attrs.emplace(key, pair.second).second) {
      return BadEntry(source, text, absl::StrCat(key, " is given twice"));
    }
  }
  if (entry.type.empty()) return BadEntry(source, text, "it has no type");
  return entry;
}

std::string& AttrOf(CacheEntry& entry, const std::string& name) { return entry.attrs[name]; }

// "r.example/cache:main" -> "r.example/cache:main-web"
std::string RefOf(const std::string& ref, const std::string& target) {
  const size_t slash = ref.rfind('/');
  const size_t colon = ref.find(':', slash == std::string::npos ? 0 : slash);
  return absl::StrCat(ref, colon == std::string::npos ? ":" : "-", target);
}

// Whether "{target}" stood anywhere in `entry`; it is replaced.
bool ReplaceMark(const std::string& target, CacheEntry& entry) {
  bool found = false;
  for (auto& [name, value] : entry.attrs) {
    found = found || absl::StrContains(value, kTargetMark);
    value = absl::StrReplaceAll(value, {{kTargetMark, target}});
  }
  return found;
}

void MakeAbsolute(const CacheScope& scope, const std::string& attr, CacheEntry& entry) {
  if (entry.type != "local" || entry.attrs[attr].empty()) return;
  entry.attrs[attr] = (scope.root / entry.attrs[attr]).lexically_normal().string();
}

// Gives `entry` the image's own place; `folder` is the attribute that names a local cache.
void Separate(const CacheScope& scope, const std::string& folder, CacheEntry& entry) {
  if (entry.type == "registry" && !AttrOf(entry, "ref").empty()) {
    AttrOf(entry, "ref") = RefOf(AttrOf(entry, "ref"), scope.target);
  } else if (entry.type == "local" && !AttrOf(entry, folder).empty()) {
    absl::StrAppend(&AttrOf(entry, folder), "/", scope.target);
  } else if (entry.type == "gha" || entry.type == "s3" || entry.type == "azblob") {
    std::string& name = AttrOf(entry, entry.type == "gha" ? "scope" : "name");
    name = absl::StrCat(name.empty() ? scope.project : name, "-", scope.target);
  }
}

}  // namespace

absl::StatusOr<std::vector<CacheEntry>> ParseCacheEntries(absl::string_view text,
                                                          absl::string_view source) {
  std::vector<CacheEntry> entries;
  for (absl::string_view part : absl::StrSplit(text, absl::ByAnyChar(";\n"))) {
    part = absl::StripAsciiWhitespace(part);
    if (part.empty()) continue;
    NOPO_ASSIGN_OR_RETURN(CacheEntry entry, ParseEntry(part, source));
    entries.push_back(std::move(entry));
  }
  return entries;
}

CacheSettings ScopedTo(const CacheScope& scope, const CacheSettings& settings) {
  CacheSettings scoped;
  for (const CacheEntry& shared : settings.from) {
    CacheEntry entry = shared;
    if (entry.type == "inline") {
      scoped.from.push_back({.type = "registry", .attrs = {{"ref", scope.image}}});
      continue;
    }
    const bool is_marked = ReplaceMark(scope.target, entry);
    if (!is_marked) Separate(scope, "src", entry);
    MakeAbsolute(scope, "src", entry);
    scoped.from.push_back(std::move(entry));
    // It may be an image with an inline cache, or one that somebody else made.
    if (!is_marked && shared.type == "registry") scoped.from.push_back(shared);
  }
  for (CacheEntry entry : settings.to) {
    if (!ReplaceMark(scope.target, entry)) Separate(scope, "dest", entry);
    MakeAbsolute(scope, "dest", entry);
    scoped.to.push_back(std::move(entry));
  }
  return scoped;
}

void AddGithubToken(const std::function<std::string(absl::string_view)>& environment,
                    CacheEntry& entry) {
  const auto add = [&](const char* attr, const std::string& value) {
    if (!value.empty()) entry.attrs.emplace(attr, value);
  };
  const std::string v2 = absl::AsciiStrToLower(environment("ACTIONS_CACHE_SERVICE_V2"));
  const std::string results = environment("ACTIONS_RESULTS_URL");
  add("token", environment("ACTIONS_RUNTIME_TOKEN"));
  if (v2 == "true" || v2 == "1") add("url_v2", results);
  add("url", environment("ACTIONS_CACHE_URL"));
  // BuildKit wants one also where only the newer service is left.
  add("url", results);
}

bool HasGithubToken(const CacheEntry& entry) {
  return entry.attrs.contains("token") &&
         (entry.attrs.contains("url") || entry.attrs.contains("url_v2"));
}

}  // namespace nopo
