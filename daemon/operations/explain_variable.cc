#include "daemon/operations/explain_variable.h"

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/text.h"

namespace nopo {
namespace {

boost::json::value ValueOrNull(const std::optional<std::string>& value) {
  return value.has_value() ? boost::json::value(*value) : boost::json::value(nullptr);
}

std::string RenderJson(const std::string& key, const VariableOrigin& origin) {
  boost::json::array sources;
  for (const VariableSource& source : origin.sources) {
    sources.push_back(boost::json::object{{"place", source.place},
                                          {"value", ValueOrNull(source.value)},
                                          {"note", source.note},
                                          {"wins", source.wins}});
  }
  const std::optional<std::string> value =
      origin.value.empty() ? std::nullopt : std::optional(origin.value);
  return absl::StrCat(boost::json::serialize(boost::json::object{
                          {"key", key}, {"value", ValueOrNull(value)}, {"sources", sources}}),
                      "\n");
}

std::string Padded(const std::string& text, size_t width) {
  return absl::StrCat(text, std::string(width - std::min(width, text.size()), ' '));
}

absl::Status UnknownVariable(const std::string& key, const Project& project, const Dotenv& dotenv) {
  std::vector<std::string> known = ManagedVariables(project);
  for (std::string& name : SteeringVariables()) known.push_back(std::move(name));
  for (const auto& [name, value] : dotenv.user) known.push_back(name);
  return MakeError(absl::StatusCode::kNotFound, Reason::kBadArguments,
                   absl::StrCat("unknown variable '", key, "': neither nopo's nor in ", dotenv.file,
                                DidYouMean(key, known)));
}

}  // namespace

std::string RenderOrigin(const std::string& key, const VariableOrigin& origin,
                         OutputFormat format) {
  if (format == OutputFormat::kJson) return RenderJson(key, origin);
  size_t places = 0, values = 1;
  for (const VariableSource& source : origin.sources) {
    places = std::max(places, source.place.size());
    values = std::max(values, source.value.value_or("").size());
  }
  std::string text = origin.value.empty() ? absl::StrCat(key, " is not set\n")
                                          : absl::StrCat(DotenvLine(key, origin.value), "\n");
  for (const VariableSource& source : origin.sources) {
    const std::string line =
        absl::StrCat(source.wins ? "* " : "  ", Padded(source.place, places), "  ",
                     Padded(source.value.value_or("-"), values), "  ", source.note);
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return text;
}

absl::StatusOr<std::string> ExplainVariable(const Workspace& workspace,
                                            const ExplainVariableOptions& options,
                                            EventSink& events) {
  const Caller& caller = options.caller;
  NOPO_ASSIGN_OR_RETURN(const std::shared_ptr<const Project> project,
                        FindProject(workspace, caller, events));
  const GitFacts git = workspace.git.Get(project->root, caller.environment);
  NOPO_ASSIGN_OR_RETURN(const ProjectEnvironment environment,
                        ResolveEnvironment(*project, caller.environment, &git,
                                           {.use = DotenvUse::kRead}, Cancellation()));
  const Dotenv& dotenv = environment.dotenv;
  const absl::StatusOr<VariableOrigin> origin =
      FindVariableOrigin(options.key, *project, caller.environment, dotenv, git);
  if (absl::IsNotFound(origin.status())) return UnknownVariable(options.key, *project, dotenv);
  if (!origin.ok()) return origin.status();
  return RenderOrigin(options.key, *origin, options.format);
}

}  // namespace nopo
