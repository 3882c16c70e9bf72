#include "daemon/build/step_excerpt.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/build/dockerfile_lexer.h"

namespace nopo {
namespace {

// "[build 2/4] RUN make": the stage is empty where there is only one, "stage-1" where it has no
// name.
struct StepName {
  std::string stage;
  int number = 0;  // Within the stage, FROM being the first.
  std::string keyword;
};

std::optional<StepName> ParseStepName(absl::string_view step) {
  const size_t end = step.find("] ");
  if (!absl::ConsumePrefix(&step, "[") || end == absl::string_view::npos) return std::nullopt;
  // With several platforms the stage stands behind the platform.
  const std::vector<absl::string_view> place = absl::StrSplit(step.substr(0, end - 1), ' ');
  const std::vector<absl::string_view> count = absl::StrSplit(place.back(), '/');
  StepName name;
  if (count.size() != 2 || !absl::SimpleAtoi(count[0], &name.number)) return std::nullopt;
  if (place.size() > 1) name.stage = std::string(place[place.size() - 2]);
  const absl::string_view instruction = step.substr(end + 1);
  name.keyword = absl::AsciiStrToUpper(instruction.substr(0, instruction.find(' ')));
  return name;
}

bool MakesAStep(const std::string& keyword) {
  return keyword == "FROM" || keyword == "RUN" || keyword == "COPY" || keyword == "ADD" ||
         keyword == "WORKDIR";
}

// What BuildKit calls the stage that `from` begins, the `index`-th of the Dockerfile.
std::string StageName(const DockerfileInstruction& from, int index) {
  for (size_t i = 0; i + 1 < from.words.size(); ++i) {
    if (!absl::EqualsIgnoreCase(from.words[i].text(), "AS")) continue;
    return absl::AsciiStrToLower(from.words[i + 1].text());
  }
  return absl::StrCat("stage-", index);
}

const DockerfileInstruction* FindInstruction(const DockerfileTokens& tokens, const StepName& name) {
  int stage_index = -1;
  int number = 0;
  bool in_stage = false;
  for (const DockerfileInstruction& instruction : tokens.instructions) {
    if (instruction.keyword == "FROM") {
      in_stage = name.stage.empty() || StageName(instruction, ++stage_index) == name.stage;
      number = 0;
    }
    if (!in_stage || !MakesAStep(instruction.keyword)) continue;
    // The keyword tells steps of the base image's ONBUILD, which come first, from our own.
    if (++number >= name.number && instruction.keyword == name.keyword) return &instruction;
  }
  return nullptr;
}

// From 1.
int LineOf(absl::string_view text, size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + offset, '\n'));
}

}  // namespace

std::vector<std::string> StepExcerpt(absl::string_view dockerfile, absl::string_view step) {
  const std::optional<StepName> name = ParseStepName(step);
  if (!name.has_value()) return {};
  const DockerfileTokens tokens = LexDockerfile(dockerfile);
  const DockerfileInstruction* instruction = FindInstruction(tokens, *name);
  if (instruction == nullptr) return {};
  const std::vector<absl::string_view> lines = absl::StrSplit(dockerfile, '\n');
  const int first = LineOf(dockerfile, instruction->span.begin);
  const int last = LineOf(dockerfile, instruction->span.end - 1);
  const int end = std::min(last + 1, static_cast<int>(lines.size()));
  std::vector<std::string> excerpt;
  for (int line = std::max(first - 1, 1); line <= end; ++line) {
    const absl::string_view text = absl::StripSuffix(lines[line - 1], "\r");
    if (line > last && text.empty()) break;  // Behind the last line's end.
    const char* mark = line >= first && line <= last ? ">>>" : "   ";
    excerpt.push_back(absl::StrFormat("%3d | %s %s", line, mark, text));
  }
  return excerpt;
}

}  // namespace nopo
