// `nopo env --explain KEY`: where the value of a variable comes from. Needs no engine.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/list_targets.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/variable_sources.h"

namespace nopo {

struct ExplainVariableOptions {
  Caller caller;
  std::string key;
  OutputFormat format = OutputFormat::kText;
};

// Errors: as FindProject and ResolveEnvironment; NOT_FOUND (BAD_ARGUMENTS) with the nearest key for
// one that is neither nopo's nor in `.env`.
absl::StatusOr<std::string> ExplainVariable(const Workspace& workspace,
                                            const ExplainVariableOptions& options,
                                            EventSink& events);

// As a table in which '*' marks what wins, or as JSON:
// {"key", "value", "sources": [{"place", "value", "note", "wins"}]}, a missing value being null.
std::string RenderOrigin(const std::string& key, const VariableOrigin& origin, OutputFormat format);

}  // namespace nopo
