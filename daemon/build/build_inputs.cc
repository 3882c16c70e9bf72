#include "daemon/build/build_inputs.h"

#include <array>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace nopo {
namespace {

// As they are kept; in the order in which differences matter.
constexpr std::array<std::pair<InputKind, absl::string_view>, 9> kKindNames = {{
    {InputKind::kDockerfile, "dockerfile"},
    {InputKind::kIgnoreRules, "ignore"},
    {InputKind::kStage, "stage"},
    {InputKind::kPlatform, "platform"},
    {InputKind::kArgument, "argument"},
    {InputKind::kLabel, "label"},
    {InputKind::kBaseImage, "base"},
    {InputKind::kSetting, "setting"},
    {InputKind::kFile, "file"},
}};

constexpr size_t kIdShown = sizeof("sha256:0123456789ab") - 1;

absl::string_view NameOf(InputKind kind) {
  for (const auto& [known, name] : kKindNames) {
    if (known == kind) return name;
  }
  return "";
}

std::optional<InputKind> KindOf(absl::string_view name) {
  for (const auto& [kind, known] : kKindNames) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

// Names of files may hold anything.
std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\t", "\\t"}, {"\n", "\\n"}});
}
std::string Unescape(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\\\\", "\\"}, {"\\t", "\t"}, {"\\n", "\n"}});
}

enum class Change { kAdded, kRemoved, kAltered };

absl::string_view Verb(Change change) {
  switch (change) {
    case Change::kAdded:
      return " added";
    case Change::kRemoved:
      return " removed";
    case Change::kAltered:
      return " changed";
  }
  return "";
}

std::string Describe(InputKind kind, const std::string& name, Change change,
                     absl::string_view value) {
  switch (kind) {
    case InputKind::kDockerfile:
    case InputKind::kFile:
      return absl::StrCat(name, Verb(change));
    case InputKind::kIgnoreRules:
      return "what is ignored of the build context changed";
    case InputKind::kStage:
      return absl::StrCat("the stage is now ", value.empty() ? "the last one" : value);
    case InputKind::kPlatform:
      return absl::StrCat("the platform is now ", value);
    case InputKind::kArgument:
      return absl::StrCat("build argument ", name, Verb(change));
    case InputKind::kLabel:
      return absl::StrCat("label ", name, Verb(change));
    case InputKind::kBaseImage:
      if (change != Change::kAltered) return absl::StrCat("base image ", name, Verb(change));
      return value.empty()
                 ? absl::StrCat("base image ", name, " is gone")
                 : absl::StrCat("base image ", name, " is now ", value.substr(0, kIdShown));
    case InputKind::kSetting:
      return absl::StrCat(name, Verb(change));
  }
  return "";
}

}  // namespace

void BuildInputs::Add(InputKind kind, std::string name, std::string value) {
  values_[kind][std::move(name)] = std::move(value);
}

std::string BuildInputs::ToText() const {
  std::string text;
  for (const auto& [kind, values] : values_) {
    for (const auto& [name, value] : values) {
      absl::StrAppend(&text, NameOf(kind), "\t", Escape(name), "\t", Escape(value), "\n");
    }
  }
  return text;
}

BuildInputs BuildInputs::FromText(absl::string_view text) {
  BuildInputs inputs;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, '\t');
    if (fields.size() != 3) continue;
    const std::optional<InputKind> kind = KindOf(fields[0]);
    if (kind.has_value()) inputs.Add(*kind, Unescape(fields[1]), Unescape(fields[2]));
  }
  return inputs;
}

std::string BuildInputs::FirstDifference(const BuildInputs& now) const {
  static const auto* const nothing = new Values();
  const auto values_of = [](const BuildInputs& inputs, InputKind kind) -> const Values& {
    const auto found = inputs.values_.find(kind);
    return found == inputs.values_.end() ? *nothing : found->second;
  };
  for (const auto& [kind, kind_name] : kKindNames) {
    const Values& before = values_of(*this, kind);
    const Values& after = values_of(now, kind);
    std::map<std::string, std::string> differences;  // Descriptions by name.
    for (const auto& [name, value] : after) {
      const auto was = before.find(name);
      if (was != before.end() && was->second == value) continue;
      const Change change = was == before.end() ? Change::kAdded : Change::kAltered;
      differences[name] = Describe(kind, name, change, value);
    }
    for (const auto& [name, value] : before) {
      if (after.find(name) != after.end()) continue;
      differences[name] = Describe(kind, name, Change::kRemoved, "");
    }
    if (differences.empty()) continue;
    const size_t more = differences.size() - 1;
    return absl::StrCat(differences.begin()->second,
                        more == 0 ? "" : absl::StrCat(", and ", more, " more"));
  }
  return "";
}

}  // namespace nopo
