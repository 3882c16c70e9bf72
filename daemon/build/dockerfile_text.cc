#include "daemon/build/dockerfile_text.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/build/variable_expansion.h"

namespace nopo {
namespace {

bool IsIdentifier(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

// The continuations in a name that is broken over lines.
std::string LineBreaksOf(absl::string_view name) {
  std::string breaks;
  for (size_t end = name.find('\n'); end != absl::string_view::npos;
       end = name.find('\n', end + 1)) {
    const size_t escape = absl::string_view(name.data(), end).find_last_not_of(" \t\r");
    absl::StrAppend(&breaks, name.substr(escape, end + 1 - escape));
  }
  return breaks;
}

class Reader {
 public:
  Reader(DockerfileTokens tokens, const std::map<std::string, std::string>& build_args)
      : tokens_(std::move(tokens)), build_args_(build_args) {}

  Dockerfile Run() {
    for (const DockerfileInstruction& instruction : tokens_.instructions) {
      if (instruction.keyword == "ARG") ReadArg(instruction);
      if (instruction.keyword == "FROM") ReadFrom(instruction);
      if (instruction.keyword == "COPY") ReadCopy(instruction);
      if (instruction.keyword == "RUN") ReadRun(instruction);
    }
    // COPY --from and --mount may name a stage that stands further down.
    for (DockerfileStage& stage : result_.stages) {
      for (size_t i = 1; i < stage.uses.size(); ++i) {
        stage.uses[i].stage = result_.FindStage(stage.uses[i].name);
      }
    }
    return std::move(result_);
  }

 private:
  void ReadArg(const DockerfileInstruction& instruction) {
    for (const DockerfileWord& word : instruction.words) {
      const size_t equals = word.text().find('=');
      const std::string name = word.text().substr(0, equals);
      if (!IsIdentifier(name)) continue;  // The rest of a quoted value.
      result_.arguments.insert(name);
      // FROM sees those that stand before the first FROM.
      if (!result_.stages.empty()) continue;
      const auto given = build_args_.find(name);
      if (given != build_args_.end()) {
        global_arguments_[name] = given->second;
      } else if (equals != std::string::npos) {
        global_arguments_[name] = Expand(word.text().substr(equals + 1));
      }
    }
  }

  void ReadFrom(const DockerfileInstruction& instruction) {
    const auto& words = instruction.words;
    const auto image = std::find_if(words.begin(), words.end(), [](const DockerfileWord& word) {
      return !absl::StartsWith(word.text(), "--");
    });
    if (image == words.end()) return;
    DockerfileStage stage;
    stage.uses.push_back(
        {.name = Expand(image->text()), .span = image->SpanOf(0, image->text().size())});
    // FROM sees only the stages above it, so the one being read is not in result_ yet. A number is
    // an image's name here.
    stage.uses[0].stage = FindStageByName(stage.uses[0].name);
    if (words.end() - image >= 3 && absl::EqualsIgnoreCase((image + 1)->text(), "as")) {
      stage.name = absl::AsciiStrToLower((image + 2)->text());
    }
    result_.stages.push_back(std::move(stage));
  }

  void ReadCopy(const DockerfileInstruction& instruction) {
    for (const DockerfileWord& word : instruction.words) {
      if (!absl::StartsWith(word.text(), "--")) return;
      if (absl::StartsWith(word.text(), "--from=")) AddUse(word, 7, word.text().size());
    }
  }

  void ReadRun(const DockerfileInstruction& instruction) {
    for (const DockerfileWord& word : instruction.words) {
      const std::string& text = word.text();
      if (!absl::StartsWith(text, "--")) return;
      if (!absl::StartsWith(text, "--mount=")) continue;
      size_t begin = 8;
      while (begin < text.size()) {
        const size_t end = std::min(text.find(',', begin), text.size());
        if (absl::StartsWith(text.substr(begin, end - begin), "from=")) {
          AddUse(word, begin + 5, end);
        }
        begin = end + 1;
      }
    }
  }

  // Notes that the current stage uses what `word` names between two of its characters.
  void AddUse(const DockerfileWord& word, size_t begin, size_t end) {
    if (result_.stages.empty() || begin >= end) return;
    const std::string name = word.text().substr(begin, end - begin);
    // BuildKit puts no arguments in here.
    if (absl::StrContains(name, "$")) return;
    result_.stages.back().uses.push_back({.name = name, .span = word.SpanOf(begin, end - begin)});
  }

  int FindStageByName(absl::string_view name) const {
    for (int i = static_cast<int>(result_.stages.size()) - 1; i >= 0; --i) {
      if (!name.empty() && absl::EqualsIgnoreCase(result_.stages[i].name, name)) return i;
    }
    return -1;
  }

  std::string Expand(absl::string_view word) const {
    return ExpandVariables(word, tokens_.escape, global_arguments_);
  }

  const DockerfileTokens tokens_;
  const std::map<std::string, std::string>& build_args_;
  std::map<std::string, std::string> global_arguments_;
  Dockerfile result_;
};

}  // namespace

int Dockerfile::FindStage(absl::string_view stage) const {
  for (int i = static_cast<int>(stages.size()) - 1; i >= 0; --i) {
    if (!stage.empty() && absl::EqualsIgnoreCase(stages[i].name, stage)) return i;
  }
  int number = -1;
  const bool exists =
      absl::SimpleAtoi(stage, &number) && number >= 0 && number < static_cast<int>(stages.size());
  return exists ? number : -1;
}

std::vector<std::string> Dockerfile::ImagesOf(absl::string_view stage) const {
  if (stages.empty()) return {};
  const int wanted = FindStage(stage);
  std::vector<int> pending = {wanted >= 0 ? wanted : static_cast<int>(stages.size()) - 1};
  std::set<int> seen(pending.begin(), pending.end());
  std::set<std::string> images;
  while (!pending.empty()) {
    const DockerfileStage& current = stages[pending.back()];
    pending.pop_back();
    for (const ImageUse& use : current.uses) {
      if (use.stage >= 0) {
        if (seen.insert(use.stage).second) pending.push_back(use.stage);
      } else if (!use.name.empty() && use.name != "scratch") {
        images.insert(use.name);
      }
    }
  }
  return {images.begin(), images.end()};
}

Dockerfile ReadDockerfile(absl::string_view text,
                          const std::map<std::string, std::string>& build_args) {
  return Reader(LexDockerfile(text), build_args).Run();
}

bool MeansBaseImage(absl::string_view image) { return image == "root" || image == "base"; }

std::string ReplaceBase(absl::string_view text, const Dockerfile& dockerfile,
                        absl::string_view tag) {
  std::string result;
  size_t copied = 0;
  for (const DockerfileStage& stage : dockerfile.stages) {
    for (const ImageUse& use : stage.uses) {
      if (use.stage >= 0 || !MeansBaseImage(use.name)) continue;
      absl::StrAppend(&result, text.substr(copied, use.span.begin - copied), tag);
      const absl::string_view name = text.substr(use.span.begin, use.span.end - use.span.begin);
      absl::StrAppend(&result, LineBreaksOf(name));
      copied = use.span.end;
    }
  }
  absl::StrAppend(&result, text.substr(copied));
  return result;
}

}  // namespace nopo
