// `nopo __complete WORD...`: what the shells' scripts in packaging/completions ask.
//
// The answer's first line is "words", "more" (words that go on), "files" or "directories"; then a
// line "TEXT<tab>DESCRIPTION" for each candidate.
#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/completion.h"
#include "cli/subcommands/describe.h"
#include "cli/subcommands/subcommands.h"
#include "common/exit_code.h"
#include "common/program.h"

namespace nopo {
namespace {

// A shell that waits longer seems to hang. The second limit holds whatever blocks, a daemon that
// does not come up included.
constexpr absl::Duration kLimit = absl::Seconds(2);
constexpr unsigned kHardLimitSeconds = 4;

void GiveUp(int /*signal*/) { ::_exit(kExitOk); }

v1::DescribeProjectResponse AskProject(const std::string& project_dir) {
  const Arguments arguments{.project = project_dir};
  if (!MayHaveProject(arguments)) return {};
  const absl::StatusOr<RuntimePaths> paths = FindRuntimePaths(ReadProcessEnvironment);
  if (!paths.ok()) return {};
  Observation silent;
  DaemonConnection daemon(*paths, silent);
  absl::StatusOr<v1::DescribeProjectResponse> project =
      DescribeProjectWithin(kLimit, arguments, daemon);
  // A broken project has no names; the next command will say what is wrong with it.
  return project.ok() ? *std::move(project) : v1::DescribeProjectResponse();
}

// By git itself, which is quick and needs no daemon.
std::vector<std::string> AskGit(const std::string& project_dir) {
  const std::string git = FindProgram("git", ReadProcessEnvironment("PATH"));
  if (git.empty()) return {};
  ProgramCall call{.arguments = {git, "-C", project_dir.empty() ? "." : project_dir, "for-each-ref",
                                 "--format=%(refname:short)", "refs/heads", "refs/remotes",
                                 "refs/tags"}};
  for (char** entry = ::environ; *entry != nullptr; ++entry) call.environment.emplace_back(*entry);
  const absl::StatusOr<ProgramOutcome> listed = RunProgram(call, Cancellation());
  if (!listed.ok() || listed->exit_code != 0) return {};
  return absl::StrSplit(listed->out, '\n', absl::SkipEmpty());
}

std::string FirstLine(const Completion& completion) {
  switch (completion.kind) {
    case Completion::Kind::kFiles:
      return "files";
    case Completion::Kind::kDirectories:
      return "directories";
    case Completion::Kind::kWords:
      return completion.more_follows ? "more" : "words";
  }
  return "";
}

}  // namespace

int RunComplete(const std::vector<std::string>& words, const Console& console) {
  ::signal(SIGALRM, GiveUp);
  ::alarm(kHardLimitSeconds);
  const Completion completion = CompleteWords(words, AskProject, AskGit);
  std::string answer = FirstLine(completion) + "\n";
  for (const Candidate& candidate : completion.candidates) {
    const std::vector<absl::string_view> lines =
        absl::StrSplit(candidate.description, absl::MaxSplits(absl::ByAnyChar("\n\t"), 1));
    absl::StrAppend(&answer, candidate.text, "\t", lines[0], "\n");
  }
  console.out(answer);
  return kExitOk;
}

}  // namespace nopo
