#include "cli/progress/json_renderer.h"

#include <google/protobuf/util/json_util.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/progress/json_string.h"
#include "common/error.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

std::string OutcomeLine(const absl::Status& outcome) {
  std::string line = absl::StrCat("{\"outcome\":{\"exit_code\":", ExitCodeOf(outcome));
  if (!outcome.ok()) {
    std::vector<std::string> hints;
    for (const std::string& hint : HintsOf(outcome)) hints.push_back(JsonString(hint));
    absl::StrAppend(&line, ",\"reason\":", JsonString(ReasonName(ReasonOf(outcome))),
                    ",\"message\":", JsonString(outcome.message()), ",\"hints\":[",
                    absl::StrJoin(hints, ","), "]");
  }
  return line + "}}\n";
}

}  // namespace

std::string EventJsonLine(const v1::Event& event) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  // Printing fails only for an Any of unknown type, and events have none.
  (void)google::protobuf::util::MessageToJsonString(event, &json, options);
  return json + "\n";
}

JsonRenderer::JsonRenderer(RendererOptions options, Console console)
    : options_(std::move(options)), console_(std::move(console)) {}

void JsonRenderer::Show(const v1::Event& event) {
  console_.error(EventJsonLine(event));
  if (!options_.output_is_result) return;
  if (event.has_task_output()) ShowLines(lines_.Add(event.task_output()));
  if (event.has_task_finished()) ShowLines(lines_.Flush(event.task_finished().task()));
}

void JsonRenderer::Finish(const absl::Status& outcome) {
  ShowLines(lines_.FlushAll());
  console_.error(OutcomeLine(outcome));
}

// Lines of stderr are in the events; as text they would spoil Console::error for a parser.
void JsonRenderer::ShowLines(const std::vector<OutputLine>& lines) {
  for (const OutputLine& line : lines) {
    if (!line.is_stderr) console_.out(absl::StrCat("[", line.task, "] ", line.text, "\n"));
  }
}

}  // namespace nopo
