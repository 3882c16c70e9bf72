// What the options are: declared once, for parsing, help and completion.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace CLI {
class App;
}

namespace nopo {

struct Verb;

struct OptionDescription {
  std::vector<std::string> names;  // "-F", "--filter"
  std::string value;               // What it takes: "EXPR", "host|container"; empty for a flag.
  std::string help;
  bool applies = true;  // Accepted by every verb, some make no difference to this one.
};

// Declares all that `verb` takes; parsing `app` then fills `arguments`, which must outlive it.
void DeclareOptions(const Verb& verb, CLI::App& app, Arguments& arguments);
std::vector<OptionDescription> OptionsOf(const Verb& verb);
// The option of `verb` that `word` names; nothing for a word that is none. With no verb known yet
// (null): of any verb, by its long name, because short ones differ.
std::optional<OptionDescription> FindOption(const Verb* verb, const std::string& word);
// The options that apply as blocks of a help text: the verb's own, then the common ones.
std::string OptionsHelp(const Verb& verb);

// Each declares the options of a verb, or of several.
void DeclareUpOptions(CLI::App& app, Arguments& arguments);
void DeclareDownOptions(CLI::App& app, Arguments& arguments);
void DeclareBuildOptions(CLI::App& app, Arguments& arguments);
void DeclareWhyOptions(CLI::App& app, Arguments& arguments);
void DeclareBuildsOptions(CLI::App& app, Arguments& arguments);
void DeclarePullOptions(CLI::App& app, Arguments& arguments);
void DeclareEnvOptions(CLI::App& app, Arguments& arguments);
void DeclareExecOptions(CLI::App& app, Arguments& arguments);
void DeclareListOptions(CLI::App& app, Arguments& arguments);
void DeclareGraphOptions(CLI::App& app, Arguments& arguments);
void DeclareStatusOptions(CLI::App& app, Arguments& arguments);
void DeclareLogsOptions(CLI::App& app, Arguments& arguments);

}  // namespace nopo
