-- Neovim opens the file, shows the hazard, applies the cure: see test_editors.py.
-- Lines for the test go to the file that SNARL_SEEN names.
local seen = io.open(os.getenv('SNARL_SEEN'), 'w')

local function say(text)
  seen:write(text, '\n')
  seen:flush()
end

local function rules()
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    table.insert(found, one.code or one.user_data and one.user_data.lsp and one.user_data.lsp.code)
  end
  table.sort(found)
  return table.concat(found, ' ')
end

local client = vim.lsp.start_client({
  name = 'snarl',
  cmd = { os.getenv('SNARL'), 'lsp' },
  root_dir = vim.fn.getcwd(),
})
vim.cmd('edit bank.c')
vim.lsp.buf_attach_client(0, client)
vim.wait(20000, function() return rules():find('wait-no-loop', 1, true) ~= nil end, 20)
say('shown: ' .. rules())

local wanted
for _, one in ipairs(vim.diagnostic.get(0)) do
  if one.user_data.lsp.code == 'wait-no-loop' then
    wanted = one
  end
end
local place = { line = wanted.lnum, character = wanted.col }
local answer = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', {
  textDocument = vim.lsp.util.make_text_document_params(),
  range = { start = place, ['end'] = place },
  context = {
    diagnostics = {
      {
        range = { start = place, ['end'] = place },
        message = wanted.message,
        data = wanted.user_data.lsp.data,
      },
    },
  },
}, 20000)
for _, reply in pairs(answer) do
  for _, action in ipairs(reply.result) do
    say('action: ' .. action.title)
    if action.title:find("'while'", 1, true) then
      vim.lsp.util.apply_workspace_edit(action.edit, 'utf-16')
    end
  end
end
vim.wait(20000, function() return rules():find('wait-no-loop', 1, true) == nil end, 20)
say('left: ' .. rules())
for _, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
  say('text: ' .. line)
end
vim.cmd('qall!')
