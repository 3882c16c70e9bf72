#include <filesystem>
#include <set>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/call.h"
#include "cli/caller.h"
#include "cli/options.h"
#include "cli/subcommands/subcommands.h"
#include "cli/verbs.h"
#include "common/error.h"
#include "nopo/v1/project.grpc.pb.h"

namespace nopo {
namespace {

std::string GeneralHelp() {
  std::string help =
      "nopo runs the services and commands of a monorepo\n\n"
      "Usage: nopo COMMAND [TARGET...] [OPTIONS]\n\nCommands:\n";
  for (const Verb* verb : BuiltInVerbs()) {
    absl::StrAppend(&help, absl::StrFormat("  %-12s%s\n", verb->name, verb->summary));
  }
  absl::StrAppend(
      &help,
      "\nAny other command is one of the project's: `nopo lint web` runs it on this\n"
      "machine, `nopo run lint web` in a container. `nopo COMMAND --help` tells more.\n");
  return help;
}

// Asking needs the daemon, which is not worth starting where there cannot be a project.
bool MayHaveProject(const Arguments& arguments) {
  if (!arguments.project.empty() || !ReadProcessEnvironment("ROOT_DIR").empty()) return true;
  std::error_code error;
  std::filesystem::path dir = std::filesystem::current_path(error);
  while (!error && !dir.empty()) {
    if (std::filesystem::exists(dir / "nopo.yml", error)) return true;
    if (dir == dir.root_path()) return false;
    dir = dir.parent_path();
  }
  return false;
}

// The top-level commands of all targets, from the JSON of `nopo list`.
std::set<std::string> CommandNames(const std::string& list_json) {
  google::protobuf::Struct list;
  if (!google::protobuf::util::JsonStringToMessage(list_json, &list).ok()) return {};
  std::set<std::string> names;
  const auto& services = list.fields().find("services");
  if (services == list.fields().end()) return {};
  for (const auto& [unused, service] : services->second.struct_value().fields()) {
    const auto commands = service.struct_value().fields().find("commands");
    if (commands == service.struct_value().fields().end()) continue;
    for (const auto& command : commands->second.list_value().values()) {
      const std::string& name = command.string_value();
      if (name.find(':') == std::string::npos) names.insert(name);
    }
  }
  return names;
}

// Empty when there is no project, or it cannot be read: `nopo list --validate` tells why.
std::string ProjectCommands(const Invocation& invocation) {
  if (!MayHaveProject(invocation.arguments)) return "";
  v1::ListTargetsRequest request;
  v1::ListTargetsResponse response;
  if (!FillCaller(invocation.arguments, *request.mutable_caller()).ok()) return "";
  request.set_format(v1::OUTPUT_FORMAT_JSON);
  const absl::Status outcome =
      CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
        return v1::ProjectService::NewStub(channel)->ListTargets(&context, request, &response);
      });
  if (!outcome.ok()) return "";
  const std::set<std::string> names = CommandNames(response.output());
  if (names.empty()) return "";
  return absl::StrCat("\nThis project's commands: ", absl::StrJoin(names, ", "), "\n");
}

}  // namespace

int RunHelp(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const bool of_verb = arguments.verb == "help"
                           ? !arguments.words.empty() && !arguments.help
                           : !arguments.verb.empty() || !arguments.words.empty();
  if (!of_verb) {
    PrintResult(invocation, GeneralHelp() + ProjectCommands(invocation));
    return kExitOk;
  }
  const bool is_built_in = arguments.verb != "help" && !arguments.verb.empty();
  const std::string& name = is_built_in ? arguments.verb : arguments.words[0];
  const Verb& verb = VerbOf({.verb = name});
  PrintResult(invocation,
              absl::StrCat(verb.summary, "\n\nUsage: ", verb.Usage(), "\n", OptionsHelp(verb)));
  return kExitOk;
}

}  // namespace nopo
